//! The table of faults: what is told to whom, and how many calls of the CRM it takes.

use super::told::Told::{self, *};
use super::told::Wait::{Minutes, No, Seconds, Until};
use super::trouble::Call::{self, *};
use super::trouble::Trouble::{self, *};

/// What a reply says, and how many calls of the CRM there were.
pub(super) type Reply = (Told, usize);

/// One row: a call, what happens to it, what is told the first time, what the second time while
/// the trouble lasts, and how many calls it takes once the trouble is over.
pub(super) type Row = (Call, Trouble, Reply, Reply, usize);

const MINUTE: Told = InDoubt(Seconds(60));
const MINUTES: Told = InDoubt(Minutes(2));
const DOWN: Told = Unreachable(Seconds(60));
const STILL_DOWN: Told = Unreachable(Minutes(2));
const REJECTED: Told = Rejected(Seconds(60));
const STILL_REJECTED: Told = Rejected(Minutes(2));
const REFUSED: Told = Refused(Minutes(60));
const IN_DOUBT: Told = InDoubt(Seconds(5));
const HIDDEN: Told = Hidden(Seconds(5));
const READ_AGAIN: Told = InDoubt(No);

#[rustfmt::skip]
pub(super) const ROWS: [Row; 5 * 24] = [
    (Create, Status401,          (SignIn, 1),              (SignIn, 1),              1),
    (Create, Status403,          (Permission, 1),          (Permission, 1),          1),
    (Create, Firewall403,        (Permission, 1),          (Permission, 1),          1),
    (Create, Status404,          (ContactGone, 1),         (ContactGone, 1),         1),
    (Create, Status409,          (REJECTED, 1),            (STILL_REJECTED, 1),      1),
    (Create, Status413,          (REFUSED, 1),             (REFUSED, 1),             1),
    (Create, Status422,          (REFUSED, 1),             (REFUSED, 1),             1),
    (Create, Status429,          (TooMany(Seconds(60)), 1), (TooMany(Minutes(2)), 1), 1),
    (Create, Status429Seconds,   (TooMany(Seconds(2)), 1), (TooMany(Seconds(2)), 1), 1),
    (Create, Status429Date,      (TooMany(Until(3)), 1),   (TooMany(Until(3)), 1),   1),
    (Create, Status500,          (IN_DOUBT, 2),            (IN_DOUBT, 3),            2),
    (Create, Proxy502,           (IN_DOUBT, 2),            (IN_DOUBT, 3),            2),
    (Create, Status503,          (IN_DOUBT, 2),            (IN_DOUBT, 3),            2),
    (Create, Status503Seconds,   (InDoubt(Seconds(7)), 2), (InDoubt(Seconds(7)), 3), 2),
    (Create, Applied500,         (Logged, 2),              (Already, 0),             0),
    (Create, NoConnection,       (DOWN, 0),                (STILL_DOWN, 0),          1),
    (Create, DroppedBefore,      (IN_DOUBT, 2),            (IN_DOUBT, 3),            2),
    (Create, DroppedAfter,       (Logged, 2),              (Already, 0),             0),
    (Create, HangThenApply,      (IN_DOUBT, 2),            (IN_DOUBT, 1),            1),
    (Create, CutBody,            (Logged, 2),              (Already, 0),             0),
    (Create, Page,               (IN_DOUBT, 2),            (IN_DOUBT, 3),            2),
    (Create, AppliedPage,        (Logged, 2),              (Already, 0),             0),
    (Create, ErrorInside,        (IN_DOUBT, 2),            (IN_DOUBT, 3),            2),
    (Create, AppliedErrorInside, (Logged, 2),              (Already, 0),             0),

    (Read,   Status401,          (SignIn, 1),              (SignIn, 1),              2),
    (Read,   Status403,          (Permission, 1),          (Permission, 1),          2),
    (Read,   Firewall403,        (Permission, 1),          (Permission, 1),          2),
    (Read,   Status404,          (HIDDEN, 1),              (HIDDEN, 1),              2),
    (Read,   Status409,          (REJECTED, 1),            (STILL_REJECTED, 1),      2),
    (Read,   Status413,          (REJECTED, 1),            (STILL_REJECTED, 1),      2),
    (Read,   Status422,          (REJECTED, 1),            (STILL_REJECTED, 1),      2),
    (Read,   Status429,          (TooMany(Seconds(60)), 1), (TooMany(Minutes(2)), 1), 2),
    (Read,   Status429Seconds,   (TooMany(Seconds(2)), 1), (TooMany(Seconds(2)), 1), 2),
    (Read,   Status429Date,      (TooMany(Until(3)), 1),   (TooMany(Until(3)), 1),   2),
    (Read,   Status500,          (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   Proxy502,           (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   Status503,          (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   Status503Seconds,   (Unreachable(Seconds(7)), 1), (Unreachable(Seconds(7)), 1), 2),
    (Read,   Applied500,         (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   NoConnection,       (DOWN, 0),                (STILL_DOWN, 0),          2),
    (Read,   DroppedBefore,      (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   DroppedAfter,       (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   HangThenApply,      (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   CutBody,            (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   Page,               (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   AppliedPage,        (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   ErrorInside,        (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Read,   AppliedErrorInside, (DOWN, 1),                (STILL_DOWN, 1),          2),

    (Update, Status401,          (SignIn, 2),              (SignIn, 2),              2),
    (Update, Status403,          (Permission, 2),          (Permission, 2),          2),
    (Update, Firewall403,        (Permission, 2),          (Permission, 2),          2),
    (Update, Status404,          (HIDDEN, 2),              (HIDDEN, 2),              2),
    (Update, Status409,          (REJECTED, 2),            (STILL_REJECTED, 2),      2),
    (Update, Status413,          (REFUSED, 3),             (REFUSED, 3),             2),
    (Update, Status422,          (REFUSED, 3),             (REFUSED, 3),             2),
    (Update, Status429,          (TooMany(Seconds(60)), 2), (TooMany(Minutes(2)), 2), 2),
    (Update, Status429Seconds,   (TooMany(Seconds(2)), 2), (TooMany(Seconds(2)), 2), 2),
    (Update, Status429Date,      (TooMany(Until(3)), 2),   (TooMany(Until(3)), 2),   2),
    (Update, Status500,          (MINUTE, 2),              (MINUTES, 2),             2),
    (Update, Proxy502,           (MINUTE, 2),              (MINUTES, 2),             2),
    (Update, Status503,          (MINUTE, 2),              (MINUTES, 2),             2),
    (Update, Status503Seconds,   (InDoubt(Seconds(7)), 2), (InDoubt(Seconds(7)), 2), 2),
    (Update, Applied500,         (MINUTE, 2),              (Logged, 1),              1),
    (Update, NoConnection,       (DOWN, 1),                (STILL_DOWN, 1),          2),
    (Update, DroppedBefore,      (READ_AGAIN, 2),          (READ_AGAIN, 2),          2),
    (Update, DroppedAfter,       (READ_AGAIN, 2),          (Logged, 1),              1),
    (Update, HangThenApply,      (MINUTE, 2),              (MINUTES, 2),             1),
    (Update, CutBody,            (READ_AGAIN, 2),          (Logged, 1),              1),
    (Update, Page,               (READ_AGAIN, 2),          (READ_AGAIN, 2),          2),
    (Update, AppliedPage,        (READ_AGAIN, 2),          (Logged, 1),              1),
    (Update, ErrorInside,        (READ_AGAIN, 2),          (READ_AGAIN, 2),          2),
    (Update, AppliedErrorInside, (READ_AGAIN, 2),          (Logged, 1),              1),

    (Look,   Status401,          (IN_DOUBT, 2),            (SignIn, 1),              1),
    (Look,   Status403,          (IN_DOUBT, 2),            (Permission, 1),          1),
    (Look,   Firewall403,        (IN_DOUBT, 2),            (Permission, 1),          1),
    (Look,   Status404,          (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   Status409,          (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   Status413,          (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   Status422,          (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   Status429,          (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   Status429Seconds,   (IN_DOUBT, 2),            (InDoubt(Seconds(2)), 1), 1),
    (Look,   Status429Date,      (IN_DOUBT, 2),            (InDoubt(Until(3)), 1),   1),
    (Look,   Status500,          (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   Proxy502,           (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   Status503,          (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   Status503Seconds,   (IN_DOUBT, 2),            (InDoubt(Seconds(7)), 1), 1),
    (Look,   Applied500,         (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   NoConnection,       (IN_DOUBT, 2),            (MINUTE, 0),              1),
    (Look,   DroppedBefore,      (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   DroppedAfter,       (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   HangThenApply,      (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   CutBody,            (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   Page,               (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   AppliedPage,        (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   ErrorInside,        (IN_DOUBT, 2),            (MINUTE, 1),              1),
    (Look,   AppliedErrorInside, (IN_DOUBT, 2),            (MINUTE, 1),              1),

    (Reread, Status401,          (READ_AGAIN, 2),          (SignIn, 1),              1),
    (Reread, Status403,          (READ_AGAIN, 2),          (Permission, 1),          1),
    (Reread, Firewall403,        (READ_AGAIN, 2),          (Permission, 1),          1),
    (Reread, Status404,          (READ_AGAIN, 2),          (IN_DOUBT, 1),            1),
    (Reread, Status409,          (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, Status413,          (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, Status422,          (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, Status429,          (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, Status429Seconds,   (READ_AGAIN, 2),          (InDoubt(Seconds(2)), 1), 1),
    (Reread, Status429Date,      (READ_AGAIN, 2),          (InDoubt(Until(3)), 1),   1),
    (Reread, Status500,          (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, Proxy502,           (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, Status503,          (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, Status503Seconds,   (READ_AGAIN, 2),          (InDoubt(Seconds(7)), 1), 1),
    (Reread, Applied500,         (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, NoConnection,       (READ_AGAIN, 2),          (MINUTE, 0),              1),
    (Reread, DroppedBefore,      (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, DroppedAfter,       (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, HangThenApply,      (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, CutBody,            (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, Page,               (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, AppliedPage,        (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, ErrorInside,        (READ_AGAIN, 2),          (MINUTE, 1),              1),
    (Reread, AppliedErrorInside, (READ_AGAIN, 2),          (MINUTE, 1),              1),
];
