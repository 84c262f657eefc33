"""`python -m fashion_gen`: the command line, also where the console script is not on the path."""

from fashion_gen.cli import main

if __name__ == "__main__":
    main()
