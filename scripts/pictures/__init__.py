"""What the pictures of the documentation are made with: a running demo, a person of their own, a browser."""
