"""The commands of `course`, a module each: they parse, call one function, print."""
