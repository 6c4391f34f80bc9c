"""How a scripted reply looks on each wire, one file each. Pure: values in, JSON and bytes out."""
