"""Linux's end of transfers of a file, all at the same time; prints a line for each when it is over.

Arguments: the file, then transfers, each "connect|listen,ADDRESS,PORT,DIRECTION,CONGESTION CONTROL". A file goes up from
here, down to here, or both ways at the same time. A line is what the argument was, the digest of what was received, and
tcpi_options in decimal: 1 timestamps, 2 SACK, 4 window scaling, 8 ECN, 16 ECN seen. Before anything else comes "listening",
once whoever listens does.
"""

import hashlib
import socket
import sys
import threading

PATIENCE = 300  # seconds
TCP_CONGESTION = 13
with open(sys.argv[1], "rb") as file:
    DATA = file.read()
failed = []


def prepare(argument):
    how, address, port, direction, congestion = argument.split(",")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(PATIENCE)
    s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, congestion.encode())
    if how == "listen":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address, int(port)))
        s.listen(1)
    return argument, s


def send(s):
    s.sendall(DATA)
    s.shutdown(socket.SHUT_WR)


def transfer(argument, s):
    how, address, port, direction, congestion = argument.split(",")
    if how == "listen":
        s = s.accept()[0]
        s.settimeout(PATIENCE)
    else:
        s.connect((address, int(port)))
    sender = threading.Thread(target=send, args=(s,))
    if direction != "DOWN":
        sender.start()
    digest = hashlib.sha256()
    while data := s.recv(1 << 16):
        digest.update(data)
    options = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[5]
    if direction != "DOWN":
        sender.join()
    s.close()
    say("%s %s %d" % (argument, digest.hexdigest(), options))


def run(argument, s):
    try:
        transfer(argument, s)
    except OSError as e:
        failed.append(argument)
        say("%s failed: %s" % (argument, e))


def say(line):
    sys.stdout.write(line + "\n")  # at once, or threads mix their lines
    sys.stdout.flush()


prepared = [prepare(argument) for argument in sys.argv[2:]]
say("listening")
threads = [threading.Thread(target=run, args=job) for job in prepared]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(1 if failed else 0)
