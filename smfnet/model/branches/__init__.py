"""What fills the slots of encoder and graph: base, detail and graph branches."""
