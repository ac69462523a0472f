"""Sections of the committee's pack, a file each, found by folder."""
