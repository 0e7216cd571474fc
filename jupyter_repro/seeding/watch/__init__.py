"""Watch generators and switches while cells run, without changing them."""
