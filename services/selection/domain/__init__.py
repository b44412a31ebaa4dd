"""The rules of selection, pure: one verb per file, each with the article it carries out."""
