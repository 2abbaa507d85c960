"""What may come from anybody: checked before it is a name, a path or a value here."""
