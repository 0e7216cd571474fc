"""What a stranger's text and files may hold, and what never leaves this machine."""
