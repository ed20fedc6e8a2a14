"""Has a name that is markup, and turns the text behind it around. Stock nbgrader: shows it raw."""

STUDENT = "[b]evil \u202e"
