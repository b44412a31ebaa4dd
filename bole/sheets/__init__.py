"""What stands behind reading a workbook: files, heads and cells that people typed."""
