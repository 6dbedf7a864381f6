"""What a person should look at to tell two products apart, from their catalog photos."""
