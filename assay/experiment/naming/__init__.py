"""What names a stage and a measurement: values, data, and the definitions of the code that are used."""
