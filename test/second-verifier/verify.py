#!/usr/bin/env python3
"""Second, independent implementation of the offline verifier (ledger.md 17), written from the format alone.
    verify.py FILE --chain HEX [--trust FILE]     one file: JSON {outcome, exitCode, code, warnings}; the exit code is the verdict's
    verify.py --vectors FILE.json                 many: a JSON list of the same, in the order of the file's cases

Python 3.8 or later and its standard library. SM3 comes from OpenSSL through hashlib where it is there, from this file otherwise;
SM2 is this file's own arithmetic. Shares no code and no table with ledger/.
"""
import hashlib, json, sys, unicodedata  # noqa: E401

# ---------------------------------------------------------------- SM3 (GB/T 32905)
M32 = 0xFFFFFFFF

def _rotl(x, n):
    return ((x << n % 32) | (x >> (32 - n % 32))) & M32
def _sm3_pure(data):
    v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    message = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + (len(data) * 8).to_bytes(8, "big")
    for at in range(0, len(message), 64):
        w = [int.from_bytes(message[at + 4 * i : at + 4 * i + 4], "big") for i in range(16)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ _rotl(w[j - 3], 15)
            w.append(x ^ _rotl(x, 15) ^ _rotl(x, 23) ^ _rotl(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = _rotl((_rotl(a, 12) + e + _rotl(t, j)) & M32, 7)
            ss2 = ss1 ^ _rotl(a, 12)
            ff, gg = (a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)), (e ^ f ^ g if j < 16 else (e & f) | (~e & g))
            tt1, tt2 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & M32, (gg + h + ss1 + w[j]) & M32
            d, c, b, a, h, g, f, e = c, _rotl(b, 9), a, tt1, g, _rotl(f, 19), e, tt2 ^ _rotl(tt2, 9) ^ _rotl(tt2, 17)
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in v)
def _choose_sm3():
    try:
        native = lambda data: hashlib.new("sm3", data).digest()  # noqa: E731
        if native(b"abc") == _sm3_pure(b"abc"): return native
    except ValueError: pass
    return _sm3_pure
_SM3 = _choose_sm3()
def sm3(*parts): return _SM3(b"".join(parts))
def H(tag, *parts): return sm3(tag.encode().ljust(16, b"\0"), *parts)

# ---------------------------------------------------------------- SM2 (GB/T 32918.2), default id
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A, B = P - 3, 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
     0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)
def b32(x): return x.to_bytes(32, "big")
def _double(p):
    x, y, z = p
    if not y or not z: return (1, 1, 0)
    ysq, zz = y * y % P, z * z % P
    s, m = 4 * x * ysq % P, 3 * (x - zz) * (x + zz) % P  # a = -3
    nx = (m * m - 2 * s) % P
    return nx, (m * (s - nx) - 8 * ysq * ysq) % P, 2 * y * z % P
def _add(p, q):
    if not p[2]: return q
    if not q[2]: return p
    z1, z2 = p[2] * p[2] % P, q[2] * q[2] % P
    u1, u2, s1, s2 = p[0] * z2 % P, q[0] * z1 % P, p[1] * z2 * q[2] % P, q[1] * z1 * p[2] % P
    if u1 == u2: return _double(p) if s1 == s2 else (1, 1, 0)
    h, r = u2 - u1, s2 - s1
    h2 = h * h % P
    h3, v = h * h2 % P, u1 * h2 % P
    nx = (r * r - h3 - 2 * v) % P
    return nx, (r * (v - nx) - s1 * h3) % P, h * p[2] * q[2] % P
def on_curve(pub):
    x, y = int.from_bytes(pub[:32], "big"), int.from_bytes(pub[32:], "big")
    return len(pub) == 64 and x < P and y < P and (y * y - x * x * x - A * x - B) % P == 0
def sig_in_range(sig):
    r, s = int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big")
    return len(sig) == 64 and 0 < r < N and 0 < s < N and r + s != N
def sm2_verify(pub, message, sig):
    if not sig_in_range(sig) or not on_curve(pub): return False
    r, s = int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big")
    z = sm3(b"\0\x80", b"1234567812345678", b32(A), b32(B), b32(G[0]), b32(G[1]), pub)
    e, t = int.from_bytes(sm3(z, message), "big"), (r + s) % N
    g, q = (G[0], G[1], 1), (int.from_bytes(pub[:32], "big"), int.from_bytes(pub[32:], "big"), 1)
    table, acc = (None, g, q, _add(g, q)), (1, 1, 0)
    for bit in range(255, -1, -1):
        acc = _double(acc)
        pick = (s >> bit & 1) | (t >> bit & 1) << 1
        if pick: acc = _add(acc, table[pick])
    if not acc[2]: return False
    zi = pow(acc[2], P - 2, P)
    return (e + acc[0] * zi * zi % P) % N == r
def signed_message(tag, chain, payload): return tag.encode().ljust(16, b"\0") + chain + payload

# ---------------------------------------------------------------- PCE (ledger.md 2), driven by a table
class Malformed(Exception): pass

class Failed(Exception):
    def __init__(self, code, why):
        super().__init__(f"{code} {why}")
        self.code = code
def demand(condition, code, why):
    if not condition: raise Failed(code, why)

class Reader:
    def __init__(self, data): self.data, self.at = data, 0
    def take(self, n):
        if self.at + n > len(self.data): raise Malformed("truncated")
        self.at += n
        return self.data[self.at - n : self.at]
    def uint(self, n): return int.from_bytes(self.take(n), "little")
    def uleb(self):
        value = 0
        for i in range(5):
            byte = self.uint(1)
            value |= (byte & 0x7F) << (7 * i)
            if byte < 0x80:
                if (byte == 0 and i) or value >= 1 << 32: raise Malformed("uleb")
                return value
        raise Malformed("uleb")
    def read(self, kind):
        if callable(kind): return kind(self)
        if isinstance(kind, str):
            if kind[0] == "u" and kind[1:].isdigit(): return self.uint(int(kind[1:]) // 8)
            if kind[0] == "b" and kind[1:].isdigit(): return self.take(int(kind[1:]))
            return self.struct(kind)
        name, args = kind[0], kind[1:]
        if name == "bytes" or name == "str":
            length = self.uleb()
            if length > args[0]: raise Malformed("limit")
            raw = self.take(length)
            return raw if name == "bytes" else self.text(raw)
        if name == "vec":
            count = self.uleb()
            if not args[1] <= count <= args[2]: raise Malformed("limit")
            return [self.read(args[0]) for _ in range(count)]
        if name == "opt":
            tag = self.uint(1)
            if tag > 1: raise Malformed("option")
            return self.read(args[0]) if tag else None
        if name == "const":
            if self.uint(1) != args[0]: raise Malformed("version")
            return args[0]
        raise AssertionError(name)
    @staticmethod
    def text(raw):
        text = raw.decode("utf-8")
        if any(unicodedata.category(c) == "Cc" for c in text) or unicodedata.normalize("NFC", text) != text: raise Malformed("string")
        return text
    def struct(self, name):
        start, value = self.at, {}
        for field, kind in SCHEMA[name]: value[field] = self.read(kind)
        value["_raw"] = self.data[start : self.at]
        if name in SORTED:
            field, key = SORTED[name]
            keys = [key(item) for item in value[field]]
            if any(a >= b for a, b in zip(keys, keys[1:])): raise Malformed("order")
        return value
def fields(text): return [tuple(part.split(":")) for part in text.split()]
def read_policy(reader):
    nodes = [0]
    def node(depth):
        nodes[0] += 1
        if depth > 4 or nodes[0] > 64: raise Malformed("policy")
        variant = reader.uleb()
        if variant == 0: return ("sig", reader.uint(2))
        if variant == 1:
            k, count = reader.uint(1), reader.uleb()
            if count > 64: raise Malformed("policy")
            return ("at_least", k, [node(depth + 1) for _ in range(count)])
        if variant == 2: return ("role", reader.uint(1), reader.uint(1))
        raise Malformed("variant")
    return node(1)
def enum(variants):
    def read(reader):
        number = reader.uleb()
        if number not in variants: raise Malformed("variant")
        value = {name: reader.read(kind) for name, kind in variants[number]}
        value["variant"] = number
        return value
    return read
def vec(kind, low=0, high=(1 << 32) - 1): return ("vec", kind, low, high)
V, B32S = ("const", 1), vec("b32", 0, 64)
TARGET = enum({1: fields("serial:u64"), 2: fields("acct:b32"), 3: fields("cls:u32")})
SUBJECT = enum({0: [], 1: fields("index:u64"), 2: fields("serial:u64"), 3: fields("acct:b32"), 4: fields("cls:u32")})
MOVES = vec("Move", 1, 32)
OPS = {
    1: [("policy", "AuthPolicy")] + fields("kind:u8 kyc:b32 env:b32"),
    2: fields("acct:b32 mode:u8") + [("policy", ("opt", "AuthPolicy"))], 3: [("issuer", "b32"), ("classes", vec("ClassDef", 1, 100))],
    4: [("items", vec("MintItem", 1, 200))], 5: fields("serial:u64 ver:u64"), 6: fields("serial:u64 ver:u64 to:b32 pay:b32 env:b32"),
    7: [("tradeId", "b16"), ("sell", "SignedOrder"), ("buy", "SignedOrder"), ("items", vec("u64", 1, 32))]
    + fields("pay:b32 env:b32 rulePack:b32 protectMs:u32") + [("experiment", ("opt", "b32"))],
    8: [("order", "Order")], 9: fields("serial:u64 ver:u64 locker:b32 until:u64"), 10: fields("serial:u64 ver:u64"),
    11: [("target", TARGET)] + fields("until:u64 doc:b32"), 12: [("target", TARGET), ("doc", "b32")],
    13: [("items", MOVES), ("doc", "b32")], 14: [("subject", SUBJECT)] + fields("kind:u8 doc:b32"),
    15: fields("studio:b32 at:u64 archive:b32") + [("successor", ("opt", "b32"))],
    16: [("jurisdiction", ("str", 16))] + fields("pack:b32 from:u64 tighten:u8"), 17: fields("experiment:b32 to:u8 flags:u8 doc:b32"),
    18: [("config", "Config"), ("approvals", vec("MemberSig", 0, 20))],
    19: [("kind", "u8"), ("a", ("bytes", 65535)), ("b", ("bytes", 65535))], 20: fields("env:b32 basis:b32"),
    21: [("entry", "u64"), ("items", MOVES)] + fields("doc:b32 pay:b32 env:b32 rulePack:b32"), 22: fields("serial:u64 ver:u64 meta:b32"),
    23: fields("cls:u32 supplyCap:u64 meta:b32 media:b32 terms:b32 from:u64"), 24: fields("acct:b32 cls:u32 powers:u8 until:u64"),
}
def read_op(reader):
    op = enum(OPS)(reader)
    if op["variant"] == 7 and any(a >= b for a, b in zip(op["items"], op["items"][1:])): raise Malformed("order")
    return op
def read_link(reader):
    link = enum({0: [("entry", ("bytes", 65535)), ("index", "u64"), ("path", B32S), ("header", "Header"), ("finality", "Finality")],
                 1: [("body", "RecoveryBody"), ("approvals", "Approvals")]})(reader)
    if link["variant"] == 1 and link["body"]["kind"] > 1: raise Malformed("recovery kind")
    return link
CLAIMS = {
    0: [("index", "u64"), ("entry", ("bytes", 65535)), ("path", B32S)],
    1: fields("reg:u8 index:u64") + [("leaf", ("bytes", 1024))] + fields("count:u64 zeroMap:u32")
    + [("path", vec("b32", 0, 32)), ("others", vec("b32", 7, 7))],
    2: fields("reg:u8 index:u64 count:u64 root:b32") + [("others", vec("b32", 7, 7))],
    3: [("links", vec("TitleLink", 1, 2048)), ("current", ("opt", "u16"))], 4: [("account", "u16"), ("items", vec("u16", 0, 2048))],
    5: [("header", "Header"), ("finality", "Finality"), ("path", vec("b32", 0, 128))],
    6: fields("entryClaim:u16 slot:u8 id:u8 salt:b16") + [("value", ("bytes", 1024))] + fields("p0:b32 p1:b32 p2:b32 p3:b32"),
    7: [("entryClaim", "u16"), ("accounts", vec("Signer", 1, 32))],
}
SCHEMA = {
    "AuthKey": fields("pub:b64 weight:u8 use:u8"),
    "AuthPolicy": [("threshold", "u8"), ("keys", vec("AuthKey", 1, 8)), ("recoveryDelayMs", "u32"), ("encKey", ("opt", "b64"))],
    "TxSig": fields("acct:b32 keyIdx:u8 keyEpoch:u32 sig:b64 batchSize:u16 batchIndex:u16") + [("path", vec("b32", 0, 16))],
    "OrderItem": fields("serial:u64 ver:u64"),
    "Order": [("v", V), ("suite", V)] + fields("chain:b32 salt:b16 acct:b32 side:u8 cls:u32") + [("items", vec("OrderItem", 0, 32)),
              ("quantity", "u16"), ("counterparty", ("opt", "b32"))] + fields("notBefore:u64 notAfter:u64 terms:b32"),
    "SignedOrder": [("order", "Order"), ("sigs", vec("TxSig", 1, 4))],
    "ClassDef": fields("ext:b32 transferRule:u8 supplyCap:u64 meta:b32 media:b32 terms:b32"),
    "MintItem": fields("cls:u32 to:b32 ext:b32 meta:b32"), "Move": fields("serial:u64 ver:u64 to:b32"),
    "TxBody": [("v", V), ("suite", V)] + fields("chain:b32 salt:b16 notBefore:u64 notAfter:u64") + [("op", read_op)],
    "TxEnv": [("body", "TxBody"), ("sigs", vec("TxSig", 1, 16))], "Effect": fields("reg:u8 index:u64 leaf:b32 prev:u64"),
    "Entry": [("v", V)] + fields("height:u64 pos:u32") + [("env", "TxEnv"), ("effects", vec("Effect"))],
    "Header": [("v", V), ("suite", V)] + fields("chain:b32 epoch:u32 height:u64 prevHash:b32 configHash:b32 sealedAt:u64 txCount:u32 "
                                                "logSize:u64 logRoot:b32 stateRoot:b32 ext:b32"),
    "MemberSig": fields("member:u16 sig:b64"),
    "Finality": [("v", V)] + fields("epoch:u32 height:u64 term:u64 header:b32") + [("sigs", vec("MemberSig", 0, 20))],
    "Set": fields("epoch:u32 height:u64 term:u64 header:b32") + [("sigs", vec("MemberSig", 0, 20))],
    "Seal": fields("newEpoch:u32 member:u16 tipHeight:u64 tipHeader:b32 epoch:u32 term:u64 base:b32"),
    "SignedSeal": [("seal", "Seal"), ("sig", "b64"), ("set", ("opt", "Set"))], "Base": [("header", "Header"), ("set", "Set")],
    "RecoveryBody": [("v", V)] + fields("kind:u8 newEpoch:u32 config:Config tip:Predecessor")
    + [("base", ("opt", "Base")), ("seals", vec("SignedSeal", 0, 20))] + fields("openedAt:u64 closedAt:u64"),
    "Approvals": [("list", vec("MemberSig", 0, 20))],
    "Member": [("id", "u16"), ("org", ("str", 64))] + fields("role:u8 flags:u8 acct:b32 pub:b64 govPub:b64 encPub:b64 cert:b32")
    + [("endpoint", ("str", 128)), ("pop", "b64")],
    "Agent": fields("acct:b32 role:u8") + [("org", ("str", 64))],
    "Limits": fields("blockTx:u32 blockBytes:u32 blockMs:u32 idleMs:u32 skewMs:u32 leaseMs:u32 stallMs:u32 objectionMs:u64 "
                     "sunsetNoticeMs:u64 packNoticeMs:u64 mediaBytes:u64"),
    "Members": [("list", vec("Member", 0, 20))], "Agents": [("list", vec("Agent", 0, 64))],
    "Config": [("v", V), ("epoch", "u32"), ("f", "u8"), ("members", "Members"), ("agents", "Agents"), ("finality", read_policy),
               ("governance", read_policy), ("recovery", read_policy), ("lastResort", read_policy), ("kind", "u8"),
               ("leaders", vec("u16", 0, 20)), ("params", ("bytes", 1024)), ("limits", "Limits"), ("roots", vec("b32", 0, 64))],
    "GenesisAccount": [("policy", "AuthPolicy"), ("kind", "u8"), ("kyc", "b32")],
    "Predecessor": [("header", "Header"), ("finality", "Finality")],
    "Genesis": [("v", V), ("suite", V), ("name", ("str", 64)), ("demonstration", "u8"), ("sealedAt", "u64"), ("config", "Config"),
                ("accounts", vec("GenesisAccount")), ("predecessor", ("opt", "Predecessor"))],
    "Trust": [("genesis", "Genesis"), ("links", vec(read_link, 0, 1024))],
    "TitleLink": [("entryClaim", "u16"), ("leaf", ("bytes", 1024))], "Signer": [("leaf", ("bytes", 1024)), ("policy", "AuthPolicy")],
    "Receipt": [("magic", "b8"), ("chain", "b32"), ("trust", ("opt", "Trust")), ("header", "Header"), ("finality", "Finality"),
                ("claims", vec(enum(CLAIMS), 1, 2048))],
    1: [("v", V)] + fields("serial:u64 cls:u32 owner:b32 ver:u64 flags:u16 locker:b32 lockUntil:u64 protectedUntil:u64 frozenUntil:u64 "
                           "lastEntry:u64 meta:b32 ext:b32"),
    2: [("v", V)] + fields("serial:u64 acct:b32 kind:u8 flags:u16 policy:b32 keyEpoch:u32 frozenUntil:u64 pendingPolicy:b32 pendingAt:u64 "
                           "itemCount:u64 kyc:b32 lastEntry:u64"),
    3: [("v", V)] + fields("serial:u64 issuer:b32 ext:b32 transferRule:u8 flags:u16 supplyCap:u64 minted:u64 burned:u64 frozenUntil:u64 "
                           "meta:b32 media:b32 terms:b32 nextTerms:b32 nextTermsAt:u64 lastEntry:u64"),
    4: [("v", V)] + fields("serial:u64 order:b32 quantity:u16 filled:u16 closed:u8 notAfter:u64 lastEntry:u64"),
    5: [("v", V)] + fields("serial:u64 kind:u8 key:b32 value:b32 prior:b32 a:u64 lastEntry:u64"),
}
_sig = lambda sig: (sig["acct"], sig["keyIdx"])  # noqa: E731
SORTED = {
    "AuthPolicy": ("keys", lambda key: key["pub"]), "SignedOrder": ("sigs", _sig), "TxEnv": ("sigs", _sig),
    "Entry": ("effects", lambda effect: (effect["reg"], effect["index"])), "Finality": ("sigs", lambda sig: sig["member"]),
    "Set": ("sigs", lambda sig: sig["member"]), "RecoveryBody": ("seals", lambda each: each["seal"]["member"]),
    "Approvals": ("list", lambda sig: sig["member"]), "Members": ("list", lambda member: member["id"]), "Agents": ("list", lambda agent: agent["acct"]),
}
def parse(kind, data, code, limit=1 << 32):
    try:
        reader = Reader(data)
        value = reader.struct(kind)
        if len(data) > limit or reader.at != len(data): raise Malformed("limit or trailing bytes")
        return value
    except (Malformed, UnicodeDecodeError) as problem: raise Failed(code, f"malformed: {problem}") from None

# ---------------------------------------------------------------- trees
def path_root(index, size, leaf, path, prefix):
    """RFC 6962 inclusion; None when the path cannot belong to this place."""
    if index >= size: return None
    inner = (index ^ (size - 1)).bit_length()
    if len(path) != inner + bin(index >> inner).count("1"): return None
    for level, sibling in enumerate(path):
        pair = (leaf, sibling) if level < inner and not index >> level & 1 else (sibling, leaf)
        leaf = sm3(prefix, *pair)
    return leaf
def is_consistent(m, n, old, new, path):
    if m > n: return False
    if m == n: return not path and old == new
    if m == 0: return not path and old == sm3(b"")
    path = ([old] if m & (m - 1) == 0 else []) + path
    if not path: return False
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    a = b = path[0]
    for c in path[1:]:
        if sn == 0: return False
        if fn & 1 or fn == sn:
            a, b = sm3(b"\x01", c, a), sm3(b"\x01", c, b)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else: b = sm3(b"\x01", b, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and a == old and b == new
EMPTY = [b"\0" * 32]
for _ in range(32): EMPTY.append(sm3(b"\x11", EMPTY[-1], EMPTY[-1]))
def state_leaf(leaf): return sm3(b"\x10", leaf)
def in_state(reg, count, root, others, header):
    if not 1 <= reg <= 8: return False
    mine = sm3(b"\x12", bytes([reg]), count.to_bytes(8, "little"), root)
    return sm3(b"\x13\x08", *others[: reg - 1], mine, *others[reg - 1 :]) == header["stateRoot"]
def batch_root(sig, ident):
    size, index = sig["batchSize"], sig["batchIndex"]
    root = path_root(index, size, sm3(b"\x30", ident), sig["path"], b"\x31") if size else None
    return None if root is None else sm3(b"\x32", size.to_bytes(2, "little"), root)

# ---------------------------------------------------------------- consortium
def satisfies(policy, signed, members, relaxed=False):
    if policy[0] == "sig": return policy[1] in signed and any(m["id"] == policy[1] for m in members)
    if policy[0] == "at_least": return sum(satisfies(p, signed, members, relaxed) for p in policy[2]) >= policy[1]
    return relaxed or sum(m["role"] == policy[1] and m["id"] in signed for m in members) >= policy[2]
RANGES = {"blockTx": (1, 10**4), "blockBytes": (65536, 1 << 26), "blockMs": (1, 60000), "idleMs": (100, 3600000), "skewMs": (1, 60000),
          "leaseMs": (100, 600000), "stallMs": (1000, 86400000), "objectionMs": (0, 31536 * 10**6), "sunsetNoticeMs": (0, 31536 * 10**6),
          "packNoticeMs": (0, 31536 * 10**6), "mediaBytes": (0, 1 << 40)}
def lint(config, code):
    members, f = config["members"]["list"], config["f"]
    keys = [m[k] for m in members for k in ("pub", "govPub", "encPub")]
    demand(members and len(set(keys)) == len(keys) and all(map(on_curve, keys)), code, "L1 keys")
    for m in members:
        payload = m["id"].to_bytes(2, "little") + bytes([m["role"]]) + m["acct"] + m["pub"] + m["govPub"] + m["encPub"] + m["cert"]
        demand(sm2_verify(m["pub"], signed_message("PLP1/pop", b"\0" * 32, payload), m["pop"]), code, "L1 pop")
    n = len(members)
    demand(n >= 3 * f + 1, code, "L2")
    sets = [{members[i]["id"] for i in range(n) if mask >> i & 1} for mask in range(1 << n)]
    def minimal(name):
        ok = [s for s in sets if satisfies(config[name], s, members)]
        return [s for s in ok if not any(satisfies(config[name], s - {i}, members) for i in s)]
    finality = minimal("finality")
    demand(all(len(a & b) > f for a in finality for b in finality), code, "L3")
    for name in ("governance", "recovery"): demand(all(len(a & b) > f for a in minimal(name) for b in finality), code, "L4")
    demand(all(minimal(name) for name in ("finality", "governance", "recovery", "lastResort")), code, "L4 unreachable")
    everyone = {m["id"] for m in members}
    for gone in (s for s in sets if len(s) == f):
        left = everyone - gone
        demand(satisfies(config["finality"], left, members) or (gone and satisfies(config["finality"], left, members, True)), code, "L5")
    demand(n < 2 or sum(m["flags"] & 1 for m in members) >= 2, code, "L6")
    leaders = {m["id"] for m in members if m["flags"] & 2}
    demand(config["leaders"] and set(config["leaders"]) <= leaders, code, "L6")
    demand(all(low <= config["limits"][k] <= high for k, (low, high) in RANGES.items()) and config["kind"] < 2, code, "L7")
def has_quorum(policy, config, sigs, key, tag, chain, payload):
    """Every signature is a known member's, once, and together they satisfy a policy; None: one of them does not hold."""
    members, signed = config["members"]["list"], [sig["member"] for sig in sigs]
    if len(set(signed)) < len(signed): return None
    for sig in sigs:
        member = [m for m in members if m["id"] == sig["member"]]
        if not member or not sm2_verify(member[0][key], signed_message(tag, chain, payload(sig)), sig["sig"]): return None
    return satisfies(config[policy], set(signed), members)
def on_vote(place): return lambda sig: place + sig["member"].to_bytes(2, "little")
def has_finality(config, chain, finality): return has_quorum("finality", config, finality["sigs"], "pub", "PLP1/vote", chain, on_vote(finality["_raw"][1:53]))
def check_certified(world, header, finality):
    """Steps 4 to 6."""
    demand(header["chain"] == world["chain"], "E22", "chain")
    known = [i for i, era in enumerate(world["eras"]) if era["config"]["epoch"] == header["epoch"]]
    demand(known, "E22", "epoch")
    era, following, hashed = world["eras"][known[0]], world["eras"][known[0] + 1 : known[0] + 2], H("PLP1/hdr", header["_raw"])
    again = [e for e in world["eras"] if e["base"] == hashed]  # a Recovery certifies this very header again
    demand(header["configHash"] == era["hash"], "E22", "config")
    demand(again or header["height"] >= era["from"] and all(header["height"] < e["from"] for e in following), "E22", "height")
    voters = [e for e in ([era] if finality["epoch"] == header["epoch"] else again) if e["config"]["epoch"] == finality["epoch"]]
    demand(voters and (finality["header"], finality["height"]) == (hashed, header["height"]), "E30", "header")
    quorum = has_finality(voters[0]["config"], world["chain"], finality)
    demand(quorum is not None, "E30", "vote")
    demand(quorum, "E31", "policy")
def recover(world, link):
    """13.2: the eras after a Recovery; what was not in force at its tip + 1 is void."""
    body, chain, config = link["body"], world["chain"], link["body"]["config"]
    tip, base, last = body["tip"], body["base"], body["kind"] == 1
    height, tip_hash = tip["header"]["height"], H("PLP1/hdr", tip["header"]["_raw"])
    eras = [era for era in world["eras"] if era["from"] <= height + 1]
    now, of = eras[-1]["config"], {era["config"]["epoch"]: era["config"] for era in eras}
    demand(tip["header"]["chain"] == chain and config["epoch"] == body["newEpoch"] > now["epoch"], "E21", "epoch")
    lint(config, "E21")
    def endorsed(s): return s["epoch"] in of and has_quorum("finality", of[s["epoch"]], s["sigs"], "pub", "PLP1/endorse", chain, on_vote(s["_raw"][:52]))
    for one in body["seals"]:
        seal, s = one["seal"], one["set"]
        sealed = has_quorum("finality", now, [{"member": seal["member"], "sig": one["sig"]}], "pub", "PLP1/seal", chain, lambda _: seal["_raw"])
        demand(sealed is not None and seal["newEpoch"] == body["newEpoch"], "E21", "seal")
        if s is None: demand((seal["epoch"], seal["term"], seal["base"]) == (0, 0, b"\0" * 32), "E21", "seal without set")
        else: demand((s["epoch"], s["term"], s["header"], s["height"]) == (seal["epoch"], seal["term"], seal["base"], seal["tipHeight"] + 1)
                     and seal["epoch"] < body["newEpoch"] and endorsed(s), "E21", "seal with set")
    place = (tip["finality"]["header"], tip["finality"]["height"]) == (tip_hash, height)
    final = not tip["finality"]["sigs"] if not height else has_finality(of.get(tip["finality"]["epoch"], now), chain, tip["finality"])
    demand(place and final and (not height or tip["finality"]["epoch"] in of and tip["finality"]["epoch"] >= tip["header"]["epoch"]), "E21", "tip")
    seals = [one["seal"] for one in body["seals"]]
    if last: demand(seals and body["closedAt"] >= body["openedAt"] + now["limits"]["objectionMs"], "E21", "window")
    else: demand(satisfies(now["finality"], {seal["member"] for seal in seals}, now["members"]["list"]), "E21", "seals")
    highest = max(seals, key=lambda seal: seal["tipHeight"])
    demand(highest["tipHeight"] <= height and (last or (highest["tipHeight"], highest["tipHeader"]) == (height, tip_hash)), "E21", "tip")
    sets = [one["set"] for one in body["seals"] if one["set"] and one["seal"]["tipHeight"] == height]
    rank = lambda s: (s["epoch"], s["term"])  # noqa: E731
    top = max(sets, key=rank, default=None)
    demand(base or not top, "E21", "no base")
    if base:
        s, same = base["set"], top and rank(base["set"]) == rank(top)
        demand((same and s["header"] == top["header"]) or (last and (not top or not same and rank(s) > rank(top))), "E21", "base")
        demand(H("PLP1/hdr", base["header"]["_raw"]) == s["header"] and base["header"]["height"] == s["height"] == height + 1
               and base["header"]["prevHash"] == tip_hash and endorsed(s), "E21", "base")
    digest = sm3(body["_raw"], b"\0")
    demand(has_quorum("lastResort" if last else "recovery", now, link["approvals"]["list"], "govPub", "PLP1/recovsig", chain, lambda _: digest),
           "E21", "approvals")
    return eras + [{"config": config, "hash": H("PLP1/cfg", config["_raw"]), "from": height + (2 if base else 1),
                    "base": base and base["set"]["header"], "last": last}]
def check_entry(claim, header, world):
    root = path_root(claim["index"], header["logSize"], sm3(b"\0", claim["entry"]), claim["path"], b"\x01")
    demand(root == header["logRoot"], "E40", "not in the log")
    entry, before = parse("Entry", claim["entry"], "E40"), world["genesis"]["predecessor"]
    home = before["header"] if before and claim["index"] < before["header"]["logSize"] else header
    demand(entry["env"]["body"]["chain"] == home["chain"] and entry["height"] <= home["height"], "E40", "chain or height")
    return entry
def found(trust, chain):
    """Steps 2 and 3."""
    genesis = trust["genesis"]
    demand(genesis["demonstration"] < 2 and genesis["config"]["epoch"] == 0, "E10", "genesis")
    demand(H("PLP1/chain", genesis["_raw"]) == chain, "E20", "chain")
    lint(genesis["config"], "E20")
    world = {"chain": chain, "genesis": genesis,
             "eras": [{"config": genesis["config"], "hash": H("PLP1/cfg", genesis["config"]["_raw"]), "from": 0, "base": None, "last": False}]}
    for link in trust["links"]:
        try:
            if link["variant"] == 1:
                world["eras"] = recover(world, link)
                continue
            check_certified(world, link["header"], link["finality"])
            entry = check_entry(link, link["header"], world)
            op, old = entry["env"]["body"]["op"], world["eras"][-1]
            demand(op["variant"] == 18 and op["config"]["epoch"] == old["config"]["epoch"] + 1, "E21", "epoch")
            hashed, members = H("PLP1/cfg", op["config"]["_raw"]), {m["id"]: m for m in old["config"]["members"]["list"]}
            for one in op["approvals"]:
                demand(one["member"] in members and sm2_verify(members[one["member"]]["govPub"],
                       signed_message("PLP1/cfgsig", chain, hashed), one["sig"]), "E21", "approval")
            demand(satisfies(old["config"]["governance"], {a["member"] for a in op["approvals"]}, old["config"]["members"]["list"]), "E21", "policy")
            lint(op["config"], "E21")
            demand(entry["height"] + 16 > old["from"], "E21", "order")
            world["eras"].append({"config": op["config"], "hash": hashed, "from": entry["height"] + 16, "base": None, "last": False})
        except Failed as problem: raise Failed("E21", str(problem)) from None
    return world

# ---------------------------------------------------------------- claims
def claims_of(receipt, variant): return [(at, claim) for at, claim in enumerate(receipt["claims"]) if claim["variant"] == variant]
def require_distinct(receipt):
    keys = []
    for claim in receipt["claims"]:
        kind = claim["variant"]
        keys += [("entry", claim["index"])] if kind == 0 else [("state", claim["reg"], claim["index"])] if kind in (1, 2) else []
        keys += [("holdings", claim["account"])] if kind == 4 else [("signers", claim["entryClaim"])] if kind == 7 else []
        keys += [("field", claim["entryClaim"], claim["slot"], claim["id"])] if kind == 6 else []
    demand(len(set(keys)) == len(keys), "E10", "claim repeated")
def check_state(receipt, leaves):
    for at, claim in enumerate(receipt["claims"]):
        if claim["variant"] == 1:
            demand(claim["index"] < claim["count"] and claim["index"] < 1 << 32, "E41", "index")
            node, path = state_leaf(claim["leaf"]), list(claim["path"])
            for level in range(32):
                empty = claim["zeroMap"] >> level & 1
                demand(empty or path, "E41", "path")
                sibling = EMPTY[level] if empty else path.pop(0)
                demand(empty or sibling != EMPTY[level], "E41", "explicit empty node")
                node = sm3(b"\x11", *((sibling, node) if claim["index"] >> level & 1 else (node, sibling)))
            demand(not path and in_state(claim["reg"], claim["count"], node, claim["others"], receipt["header"]), "E41", "root")
            demand(1 <= claim["reg"] <= 5, "E41", "register")
            leaf = parse(claim["reg"], claim["leaf"], "E41")
            demand(leaf["serial"] == claim["index"], "E41", "serial")
            leaves[at] = (claim["reg"], leaf)
        elif claim["variant"] == 2:
            demand(claim["index"] >= claim["count"], "E44", "index")
            demand(in_state(claim["reg"], claim["count"], claim["root"], claim["others"], receipt["header"]), "E44", "root")
def check_relations(receipt, world, entries, leaves):
    for claim in receipt["claims"]:
        if claim["variant"] == 3:
            serial = last = None
            for link in claim["links"]:
                demand(link["entryClaim"] in entries, "E42", "entry claim")
                (index, entry), leaf = entries[link["entryClaim"]], parse(1, link["leaf"], "E42")
                effect = [e for e in entry["effects"] if (e["reg"], e["index"]) == (1, leaf["serial"])]
                demand(effect and effect[0]["leaf"] == state_leaf(link["leaf"]) and leaf["lastEntry"] == index, "E42", "effect")
                demand(last is None or (serial == leaf["serial"] and effect[0]["prev"] == last), "E42", "gap")
                serial, last = leaf["serial"], index
            if claim["current"] is not None:
                reg, now = leaves.get(claim["current"], (0, None))
                demand(reg == 1 and now["serial"] == serial and now["lastEntry"] == last, "E42", "current")
        elif claim["variant"] == 4:
            reg, account = leaves.get(claim["account"], (0, None))
            demand(reg == 2, "E43", "account")
            items = [leaves.get(at, (0, None)) for at in claim["items"]]
            demand(all(reg == 1 and item["owner"] == account["acct"] for reg, item in items), "E43", "owner")
            demand(len({item["serial"] for _, item in items}) == len(items) == account["itemCount"], "E43", "count")
        elif claim["variant"] == 5:
            try:
                check_certified(world, claim["header"], claim["finality"])
            except Failed as problem: raise Failed("E45", str(problem)) from None
            old, new = claim["header"], receipt["header"]
            demand(old["height"] < new["height"], "E45", "height")
            demand(is_consistent(old["logSize"], new["logSize"], old["logRoot"], new["logRoot"], claim["path"]), "E45", "prefix")
def check_signers(receipt, entries, leaves):
    """Returns how many signing accounts nobody could check."""
    for _, claim in claims_of(receipt, 7): demand(claim["entryClaim"] in entries, "E46", "entry claim")
    shown, unchecked = {claim["entryClaim"]: claim["accounts"] for _, claim in claims_of(receipt, 7)}, 0
    for at, (_, entry) in entries.items():
        body, op, covered = entry["env"]["body"], entry["env"]["body"]["op"], []
        for sig in entry["env"]["sigs"]:
            recovery = op["variant"] == 2 and op["mode"] in (1, 3) and op["acct"] == sig["acct"]
            covered.append((sig, "PLP1/txsig", H("PLP1/txid", body["_raw"]), body["chain"], recovery))
        if op["variant"] == 7:
            for signed in (op["sell"], op["buy"]):
                ident = H("PLP1/orderid", signed["order"]["_raw"])
                covered += [(sig, "PLP1/order", ident, signed["order"]["chain"], False) for sig in signed["sigs"]]
        done = set()
        for signer in shown.get(at, []):
            leaf, policy = parse(2, signer["leaf"], "E46"), signer["policy"]
            named = any((e["reg"], e["index"], e["leaf"]) == (2, leaf["serial"], state_leaf(signer["leaf"])) for e in entry["effects"])
            demand(named or any(reg == 2 and known["_raw"] == signer["leaf"] for reg, known in leaves.values()), "E46", "leaf")
            demand(H("PLP1/policy", policy["_raw"]) == leaf["policy"] and leaf["acct"] not in done, "E46", "policy")
            mine = [c for c in covered if c[0]["acct"] == leaf["acct"]]
            demand(mine, "E46", "did not sign")
            weights = {}
            for sig, tag, ident, chain, recovery in mine:
                demand(sig["keyEpoch"] == leaf["keyEpoch"] and sig["keyIdx"] < len(policy["keys"]), "E46", "key")
                key, root = policy["keys"][sig["keyIdx"]], batch_root(sig, ident)
                demand(root and sm2_verify(key["pub"], signed_message(tag, chain, root), sig["sig"]), "E46", "signature")
                enough = policy["threshold"] if recovery and key["use"] != 1 else key["weight"] if key["use"] != 2 else 0
                weights[ident] = weights.get(ident, 0) + enough
            demand(all(weight >= policy["threshold"] for weight in weights.values()), "E46", "threshold")
            done.add(leaf["acct"])
        unchecked += len({c[0]["acct"] for c in covered} - done)
    return unchecked
def check_fields(receipt, entries):
    for _, claim in claims_of(receipt, 6):
        demand(claim["entryClaim"] in entries and claim["id"] < 16, "E50", "claim")
        op, slot, commitment = entries[claim["entryClaim"]][1]["env"]["body"]["op"], claim["slot"], None
        if slot == 0 and op["variant"] in (6, 7, 21): commitment = (1, op["pay"])
        elif slot == 3 and op["variant"] == 1: commitment = (3, op["kyc"])
        elif slot in (1, 2) and op["variant"] in (7, 8):
            order = op["order"] if op["variant"] == 8 else op["sell" if slot == 1 else "buy"]["order"]
            commitment = (2, order["terms"]) if order["side"] == slot - 1 else None
        demand(commitment, "E50", "no such commitment")
        node = sm3(b"\x20", claim["salt"], bytes([commitment[0], claim["id"]]), claim["value"])
        for level in range(4):
            sibling = claim[f"p{level}"]
            node = sm3(b"\x21", *((sibling, node) if claim["id"] >> level & 1 else (node, sibling)))
        demand(node == commitment[1], "E50", "mismatch")

# ---------------------------------------------------------------- verdict
EXIT = {"proven": 0, "disproven": 1, "malformed": 2, "insufficient": 3}
def verdict(outcome, code=None, warnings=()):
    return {"outcome": outcome, "exitCode": EXIT[outcome], "code": code, "warnings": sorted(warnings)}
def w70(world): return ["W70"] if any(era["last"] for era in world["eras"]) else []
def verify(data, chain, trust_data=None):
    try:
        if data[:8] != b"PLPROOF1": return verdict("proven", None, w70(found(parse("Trust", data, "E10", 4 << 20), chain)))
        receipt = parse("Receipt", data, "E10", 4 << 20)
        require_distinct(receipt)
        demand(receipt["chain"] == chain, "E20", "chain")
        if receipt["trust"] is None and trust_data is None: return verdict("insufficient", "E20")
        worlds = [] if receipt["trust"] is None else [found(receipt["trust"], chain)]
        if trust_data is not None: worlds.append(found(parse("Trust", trust_data, "E10", 4 << 20), chain))
        world = max(worlds, key=lambda each: len(each["eras"]))
        check_certified(world, receipt["header"], receipt["finality"])
    except Failed as problem: return verdict("malformed", problem.code)
    entries, leaves, failures, unchecked = {}, {}, [], 0
    def read_entries():
        for at, claim in claims_of(receipt, 0): entries[at] = (claim["index"], check_entry(claim, receipt["header"], world))
    for step in (read_entries, lambda: check_state(receipt, leaves), lambda: check_relations(receipt, world, entries, leaves),
                 lambda: check_signers(receipt, entries, leaves), lambda: check_fields(receipt, entries)):
        try:
            unchecked += step() or 0
        except Failed as problem: failures.append(problem.code)
    if failures: return verdict("disproven", failures[0])
    return verdict("proven", None, ["W60"] + (["W62"] if unchecked else []) + w70(world))
def main(args):
    if args[:1] == ["--vectors"]:
        document, files = json.load(open(args[1], encoding="utf-8")), {}
        for case in document["cases"]:  # a file stands as its difference from an earlier one
            like = files[case["like"]] if case["like"] else b""
            files[case["name"]] = like[: case["head"]] + bytes.fromhex(case["bytes"]) + like[len(like) - case["tail"] :]
        trust = {name: bytes.fromhex(text) for name, text in document["trust"].items()}
        json.dump([verify(files[case["name"]], bytes.fromhex(case["chain"]), trust.get(case.get("trust"))) for case in document["cases"]],
                  sys.stdout)
        return 0
    options = dict(zip(args[1::2], args[2::2]))
    trust = open(options["--trust"], "rb").read() if "--trust" in options else None
    answer = verify(open(args[0], "rb").read(), bytes.fromhex(options["--chain"]), trust)
    print(json.dumps(answer))
    return answer["exitCode"]
if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
