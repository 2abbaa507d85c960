"""A command as a process: what it prints to, what interrupts it, and what is told when it ends."""
