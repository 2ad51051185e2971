"""Makes a replica of an old version into an empty member of a new one (dev cluster).

Its own server runs this by COPY TO PROGRAM, while Patroni is paused: the rest goes on in the
background, since the server cannot be stopped before the statement has ended. Once Patroni is no
longer paused it fetches a base backup of the upgraded primary. The image copies by rsync instead.
"""
import os
import shutil
import sys
import time

from member import Member


def main(major):
    if os.fork() > 0:
        return
    os.setsid()
    for number in range(3):
        os.dup2(os.open(os.devnull, os.O_RDWR), number)
    time.sleep(1)
    member = Member()
    member.stop()
    shutil.rmtree(member.data)
    os.mkdir(member.data, 0o700)
    member.use_major(major)
    member.restart_patroni()


if __name__ == "__main__":
    main(sys.argv[1])
