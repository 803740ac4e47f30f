# Where manage.py lies: a relative path means the same to the site here
os.chdir("@home@")
