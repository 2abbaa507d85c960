"""What people type and read: commands, addresses, times, and the note beside results."""
