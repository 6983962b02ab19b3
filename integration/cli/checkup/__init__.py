"""What `doctor` looks at, one file per place."""
