"""What `verify` and `lint` print and write: text, Markdown, JUnit, GitHub."""
