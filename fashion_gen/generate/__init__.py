"""Pictures from shots."""
