"""Mails that report: failures in the standard form and in words, complaints."""

OURS = """\
Received: from laptop (laptop.example.org [192.0.2.7])
\tby mx1.example.org (Postfix) with ESMTPSA id {queue_id}
\tfor <bob@example.net>; Mon, 2 Mar 2026 10:00:00 +0000
"""

ORIGINAL = """\
Received: by mx.example.net id 4F0aaaAAAAz1; Mon, 2 Mar 2026 10:00:01 +0000
{ours}From: ann@example.org
To: bob@example.net
Subject: hello
Message-ID: {message_id}
"""

CAME = """\
Received: from mx.example.net (mx.example.net [{client}])
\tby mx1.example.org (Postfix) with ESMTP id 4F0bbbBBBBz1
"""

DSN = """\
{came}Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"
MIME-Version: 1.0

--=_b
Content-Type: text/plain

Sorry.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; {by}
Arrival-Date: Mon, 2 Mar 2026 10:00:01 +0000

{recipients}
--=_b
Content-Type: {returned}

{original}
--=_b--
"""

RECIPIENT = """\
Final-Recipient: rfc822; {address}
{more}Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.net
Diagnostic-Code: smtp; {reply}
"""

ARF = """\
{came}From: <feedback@example.net>
To: {to}
Subject: abuse report
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--b1
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
{who}Source-IP: 192.0.2.25

--b1
Content-Type: message/rfc822

{original}
Spam.
--b1--
"""

WORDS = """\
{came}Return-Path: <>
From: MAILER-DAEMON@example.net
To: ann@example.org
Subject: {subject}

{words}
{original}"""


def came(client: str) -> str:
    """The Received field of the report itself; "" when it was made on this host."""
    return CAME.format(client=client) if client else "Received: by mx1.example.org (Postfix) id 4F0cccCCCCz1\n"


def original(queue_id: str = "4F0abcDEFGz1", message_id: str = "<1@example.org>") -> str:
    """The header of the message that a report is about."""
    ours = OURS.format(queue_id=queue_id) if queue_id else ""
    return ORIGINAL.format(ours=ours, message_id=message_id)


def recipient(
    address: str, reply: str = "550 5.1.1 user unknown", action: str = "failed", status: str = "5.1.1", more: str = ""
) -> str:
    """One block of a standard report."""
    return RECIPIENT.format(address=address, reply=reply, action=action, status=status, more=more)


def dsn(
    *recipients: str,
    about: str | None = None,
    client: str = "203.0.113.5",
    by: str = "mx.example.net",
    to: str = "ann@example.org",
    returned: str = "text/rfc822-headers",
) -> bytes:
    """A report of RFC 3464."""
    blocks = "\n".join(recipients or (recipient("bob@example.net"),))
    about = original() if about is None else about
    mail = DSN.format(came=came(client), to=to, by=by, recipients=blocks, original=about, returned=returned)
    return mail.encode()


def arf(about: str | None = None, kind: str = "abuse", who: str = "", client: str = "203.0.113.5") -> bytes:
    """A complaint of RFC 5965."""
    stated = f"Original-Rcpt-To: <{who}>\n" if who else ""
    about = original() if about is None else about
    return ARF.format(came=came(client), to="abuse@example.org", kind=kind, who=stated, original=about).encode()


def told(words: str, about: str | None = None, subject: str = "failure notice", client: str = "203.0.113.5") -> bytes:
    """A failure in words alone."""
    about = original() if about is None else about
    return WORDS.format(came=came(client), subject=subject, words=words, original=about).encode()
