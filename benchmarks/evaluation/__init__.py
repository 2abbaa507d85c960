"""What measuring images takes, beside programs that compute the same as the field does."""
