"""What pages show, as plain data: tables, figures, pictures, and what is in a store."""
