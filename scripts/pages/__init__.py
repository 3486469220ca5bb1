"""What the built pages say of the paper's claims, and the story on the landing page."""
