"""What the notebooks and pages of this book share, and no user of RadiX-Nets needs: it knows `radixnet`, which does not know it."""
