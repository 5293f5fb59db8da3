"""What Ordering brings to a developer's machine; never deployed."""
