"""What happens to generators and switches while cells run: seen, never changed."""
