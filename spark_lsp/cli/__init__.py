"""The commands, one small file each, imported only when they are run."""
