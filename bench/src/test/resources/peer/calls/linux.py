"""
Answers the agent's requests with Linux's own sockets: one request a line on standard input, or some with " ; " between
them; one line of answers. Three others are about an interface whose wire is this program: tun NAME, arrive PACKET...,
left; packets are hexadecimal. "begin REQUEST" serves one on a thread of its own, whose number is answered; "ended NUMBER"
gives its answer, or "waits".
"""
import ctypes
import fcntl
import os
import select
import socket
import struct
import sys
import threading

libc = ctypes.CDLL(None, use_errno=True)
domains = {}


def answer(ret, extra=""):
    errno = ctypes.get_errno() if ret == -1 else 0
    return f"{ret} {errno}" + (f" {extra}" if extra else "")


def address(fd, ip, port):
    if ip == "unspec":
        return struct.pack("=H14x", 0)
    if ip == "none":
        return None
    port = struct.pack(">H", int(port))
    if ":" in ip:
        return struct.pack("=H", 10) + port + struct.pack("=I", 0) + socket.inet_pton(10, ip) + struct.pack("=I", 0)
    return struct.pack("=H", 2) + port + socket.inet_pton(2, ip) + bytes(8)


def told(buffer, length):
    if length == 0:
        return "unspec 0"
    family, = struct.unpack_from("=H", buffer)
    port, = struct.unpack_from(">H", buffer, 2)
    ip = socket.inet_ntop(10, buffer[8:24]) if family == 10 else socket.inet_ntop(2, buffer[4:8])
    return f"{ip} {port}"


def number(text):
    value = int(text, 0)
    return value - (1 << 32) if value >= 1 << 31 else value


def serve(words):
    name, arguments = words[0], words[1:]
    if name in WIRE:
        return WIRE[name](*arguments)
    ctypes.set_errno(0)
    if name == "socket":
        fd = libc.socket(*map(number, arguments))
        domains[fd] = number(arguments[0])
        return answer(fd)
    if name not in CALLS:
        return "-1 38"
    return CALLS[name](number(arguments[0]), *arguments[1:])


def connect(fd, ip, port, call=libc.connect):
    to = address(fd, ip, port)
    return answer(call(fd, to, len(to)))


def bind(fd, ip, port):
    return connect(fd, ip, port, libc.bind)


def accept(fd):
    buffer, length = ctypes.create_string_buffer(128), ctypes.c_uint(128)
    new = libc.accept(fd, buffer, ctypes.byref(length))
    return answer(new, told(buffer.raw, length.value) if new >= 0 else "")


def name(fd, call):
    buffer, length = ctypes.create_string_buffer(128), ctypes.c_uint(128)
    ret = call(fd, buffer, ctypes.byref(length))
    return answer(ret, told(buffer.raw, length.value) if ret == 0 else "")


def recvfrom(fd, size, flags):
    data = ctypes.create_string_buffer(int(size) + 1)
    buffer, length = ctypes.create_string_buffer(128), ctypes.c_uint(128)
    count = libc.recvfrom(fd, data, int(size), number(flags), buffer, ctypes.byref(length))
    return answer(count, told(buffer.raw, length.value if length.value < 128 else 0) if count >= 0 else "")


def recv(fd, size, flags):
    return answer(libc.recv(fd, ctypes.create_string_buffer(int(size) + 1), int(size), number(flags)))


def send(fd, size, flags):
    return answer(libc.send(fd, bytes(int(size)), int(size), number(flags) | 0x4000))


def sendto(fd, size, flags, ip, port):
    to = address(fd, ip, port)
    count = libc.sendto(fd, bytes(int(size)), int(size), number(flags) | 0x4000, to, len(to) if to else 0)
    return answer(count)


def message(fd, call):
    try:
        python = socket.socket(fileno=fd)
    except OSError as e:
        return f"-1 {e.errno}"
    try:
        return call(python)
    except OSError as e:
        return f"-1 {e.errno}"
    finally:
        python.detach()


def recvmsg(fd, size, flags):
    def call(python):
        data, controls, told_flags, source = python.recvmsg(int(size), 1024, number(flags))
        words = [f"{source[0]} {source[1]}" if source else "unspec 0", str(told_flags)]
        return f"{len(data)} 0 " + " ".join(words + [f"{level}:{kind}:{value.hex()}" for level, kind, value in controls])
    return message(fd, call)


def sendmsg(fd, size, flags, ip, port, *controls):
    said = [(int(level), int(kind), bytes.fromhex(value)) for level, kind, value in (c.split(":") for c in controls)]
    to = [] if ip == "none" else [(ip, int(port))]
    return message(fd, lambda python: f"{python.sendmsg([bytes(int(size))], said, number(flags), *to)} 0")


def ioctl(fd, request):
    value = ctypes.c_int(0)
    ret = libc.ioctl(fd, ctypes.c_ulong(int(request, 0)), ctypes.byref(value))
    return answer(ret, str(value.value) if ret == 0 else "")


def setsockopt(fd, level, option, value):
    data = b"" if value == "-" else bytes.fromhex(value)
    return answer(libc.setsockopt(fd, number(level), number(option), data, len(data)))


def getsockopt(fd, level, option, size):
    buffer, length = ctypes.create_string_buffer(max(16, number(size))), ctypes.c_uint(number(size))
    ret = libc.getsockopt(fd, number(level), number(option), buffer, ctypes.byref(length))
    return answer(ret, buffer.raw[:length.value].hex() if ret == 0 else "")


def poll(fd, events, timeout):
    entry = ctypes.create_string_buffer(struct.pack("=ihh", fd, number(events), 0))
    ret = libc.poll(entry, 1, number(timeout))
    return answer(ret, str(struct.unpack_from("=ihh", entry.raw)[2] & 0xFFFF))


wire = -1


def tun(name):
    global wire
    wire = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(wire, 0x400454CA, struct.pack("16sH", name.encode(), 0x1001))  # TUNSETIFF: IFF_TUN, IFF_NO_PI
    return "0 0"


def arrive(*packets):
    for packet in packets:
        os.write(wire, bytes.fromhex(packet))
    return left()


def left():
    packets = []
    while True:
        try:
            packets.append(os.read(wire, 65536).hex())
        except BlockingIOError:
            return " ".join(["0 0"] + packets)


begun = []


def begin(*words):
    answers = []
    begun.append(answers)
    threading.Thread(target=lambda: answers.append(serve(words)), daemon=True).start()
    return str(len(begun) - 1)


def ended(index):
    answers = begun[int(index)]
    return answers[0] if answers else "waits"


WIRE = {"tun": tun, "arrive": arrive, "left": left, "begin": begin, "ended": ended}

CALLS = {
    "connect": connect, "bind": bind, "accept": accept, "recv": recv, "recvfrom": recvfrom, "send": send,
    "sendto": sendto, "ioctl": ioctl, "setsockopt": setsockopt, "getsockopt": getsockopt, "poll": poll,
    "getsockname": lambda fd: name(fd, libc.getsockname),
    "getpeername": lambda fd: name(fd, libc.getpeername),
    "recvmsg": recvmsg, "sendmsg": sendmsg,
    "listen": lambda fd, n: answer(libc.listen(fd, number(n))),
    "shutdown": lambda fd, how: answer(libc.shutdown(fd, number(how))),
    "close": lambda fd: answer(libc.close(fd)),
    "fcntl": lambda fd, command, argument: answer(libc.fcntl(fd, number(command), number(argument))),
}

for line in sys.stdin:
    print(" ; ".join(serve(request.split()) for request in line.split(" ; ")), flush=True)
