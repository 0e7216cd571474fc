"""Inside the user's kernel: the magic, the session, what is published and what a front end asks."""
