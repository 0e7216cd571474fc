"""What is stored and what is sent, older forms of it, and its JSON Schema."""
