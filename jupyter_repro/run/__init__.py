"""Run notebooks without a front end, and record what they ran in."""
