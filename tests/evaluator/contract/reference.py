"""A small Conduit that keeps the whole contract, in memory, and the faults one can give it.

Each fault is one word in `Conduit(faults={…})`; it is spelled out at the place where the correct line would stand, so
that a reader sees what a check must notice.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import threading
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.evaluator.contract.reference_tokens import Json, hashed, jwt, sign

SECRET = b"reference"
LONGEST_RACE_SECONDS = 0.5


class Refusal(Exception):
    def __init__(self, status: int, message: str = "refused") -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Conduit:
    """The store and its rules; `answer` is the whole interface."""

    def __init__(self, *faults: str) -> None:
        self.faults = set(faults)
        self.lock = threading.RLock()
        self.arriving = threading.Condition(self.lock)
        self.racing: list[frozenset[str]] = []  # what those who wait want, each for itself
        self.users: list[Json] = []
        self.articles: list[Json] = []
        self.comments: list[Json] = []
        self.follows: set[tuple[int, int]] = set()
        self.numbers = iter(range(1, 10**9))
        self.asked = 0
        self.last_token = ""
        self.secret = SECRET

    def restart(self) -> str:
        """Stop and start again; why it did not come back, empty where it did. A fault keeps something in memory."""
        if self.has("does not come back after a restart"):
            return "run.sh ended with status 1."
        if self.has("forgets everything at a restart"):
            self.users, self.articles, self.comments, self.follows = [], [], [], set()
        if self.has("forgets accounts at a restart"):
            for user in self.users:
                user |= {"username": "", "email": "", "id": -user["id"]}
            self.articles = []
        if self.has("forgets articles at a restart"):
            self.articles = []
        if self.has("forgets comments at a restart"):
            self.comments = []
        if self.has("forgets who follows whom at a restart"):
            self.follows = set()
        for article in self.articles:
            if self.has("forgets favourites at a restart"):
                article["fans"] = []
            if self.has("forgets tags at a restart"):
                article["tags"] = []
            if self.has("dates articles anew at a restart"):
                article["created"] += 60
        if self.has("signs tokens with another secret after a restart"):
            self.secret = b"another"
        return ""

    def answer(self, method: str, target: str, authorization: str, raw: bytes) -> tuple[int, Any]:
        """Status and body (None for none) of the answer to one request below /api."""
        self.asked += 1
        if "limits the rate" in self.faults and self.asked > 100:
            return 429, {"errors": {"body": ["slow down"]}}
        parts = urlsplit(target)
        path = [unquote(part) for part in parts.path.removeprefix("/api/").split("/")]
        query = dict(parse_qsl(parts.query))
        try:
            with self.lock:
                return self.route(method, path, query, authorization, raw)
        except Refusal as refusal:
            return refusal.status, {"errors": {"body": [refusal.message]}}

    def has(self, fault: str) -> bool:
        return fault in self.faults

    def let_another_in(self, *wanted: str) -> None:
        """Between a look and a write: wait, with the store open, until another wants the same too and goes first.

        So a race is lost however busy the machine is. Where nobody else comes, it goes on after a moment.
        """
        other = next((one for one in self.racing if one & set(wanted)), None)
        if other is not None:
            self.racing.remove(other)
            self.arriving.notify_all()
            return
        mine = frozenset(wanted)
        self.racing.append(mine)
        if not self.arriving.wait_for(lambda: mine not in self.racing, LONGEST_RACE_SECONDS):
            self.racing.remove(mine)

    # Routes

    def route(self, method: str, path: list[str], query: Json, authorization: str, raw: bytes) -> tuple[int, Any]:
        self.authorization, self.raw, self.feeding = authorization, raw, False
        match method, path:
            case "GET", ["health-check"]:
                return 200, {"status": "ok"}
            case "POST", ["users"]:
                return self.register(self.body("user"))
            case "POST", ["users", "login"]:
                return self.login(self.body("user"))
            case "GET", ["user"]:
                return 200, {"user": self.account(self.me())}
            case "PUT", ["user"]:
                return self.change_account(self.me(), self.body("user"))
            case "GET", ["profiles", username]:
                return 200, {"profile": self.profile(self.named(username), self.viewer())}
            case "POST" | "DELETE", ["profiles", username, "follow"]:
                return self.follow(self.me(), self.named(username), method == "POST")
            case "GET", ["articles", "feed"]:
                return self.feed(self.me(), query)
            case "GET", ["articles"]:
                return self.list(self.viewer(), query)
            case "POST", ["articles"]:
                return self.publish(self.me(), self.body("article"))
            case "GET", ["articles", slug]:
                return 200, {"article": self.article(self.found(slug), self.viewer())}
            case "PUT", ["articles", slug]:
                return self.change_article(self.me(), self.found(slug), self.body("article"))
            case "DELETE", ["articles", slug]:
                return self.delete_article(self.me(), self.found(slug))
            case "GET", ["articles", slug, "comments"]:
                article, viewer = self.found(slug), self.viewer()
                everywhere = self.has("comments are under every article")
                kept = [c for c in self.comments if everywhere or c["article"] == article["id"]]
                return 200, {"comments": [self.comment(comment, viewer) for comment in kept]}
            case "POST", ["articles", slug, "comments"]:
                return self.write_comment(self.me(), self.found(slug), self.body("comment"))
            case "DELETE", ["articles", slug, "comments", id]:
                return self.delete_comment(self.me(), self.found(slug), id)
            case "POST" | "DELETE", ["articles", slug, "favorite"]:
                return self.favorite(self.me(), self.found(slug), method == "POST")
            case "GET", ["tags"]:
                tags = [tag for article in self.articles for tag in article["tags"]]
                return 200, {"tags": tags if self.has("tags are listed twice") else sorted(set(tags))}
        raise Refusal(404, "no such route")

    # Reading requests

    def body(self, name: str) -> Json:
        try:
            sent = json.loads(self.raw)
        except ValueError:
            raise Refusal(500 if self.has("malformed JSON crashes") else 400, "malformed") from None
        if not isinstance(sent, dict) or not isinstance(sent.get(name), dict):
            raise Refusal(422, f"{name} is missing")
        wanted: Json = sent[name]
        for key, value in wanted.items():
            if key in {"username", "email", "password", "title", "description", "body"} and not isinstance(value, str):
                raise Refusal(422, f"{key} is no text")
            if self.has("emoji crash") and isinstance(value, str) and "🚀" in value:
                raise Refusal(500, "emoji")
            if self.has("long text is cut") and isinstance(value, str):
                wanted[key] = value[:5000]
            if self.has("markup is escaped") and isinstance(value, str):
                wanted[key] = value.replace("<", "&lt;")
        return wanted

    def need(self, sent: Json, *names: str, blank: bool = False) -> None:
        for name in names:
            if name not in sent or (blank and not sent[name].strip()):
                if self.has("missing fields are a 400"):
                    raise Refusal(400, f"{name} is missing")
                raise Refusal(422, f"{name} is missing")

    def viewer(self) -> Json | None:
        return self.me() if self.authorization else None

    def me(self) -> Json:
        scheme, _, token = self.authorization.partition(" ")
        if self.has("the scheme is Bearer"):
            if scheme != "Bearer":
                raise Refusal(401)
        elif scheme != "Token" and not (self.has("Bearer is taken too") and scheme == "Bearer"):
            raise Refusal(403 if self.has("no token is a 403") else 401)
        try:
            header, payload, signature = token.split(".")
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            algorithm = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["alg"]
        except (ValueError, KeyError):
            raise Refusal(500 if self.has("a garbage token crashes") else 401) from None
        believed = self.has("signatures are not checked") or (self.has("alg none is believed") and algorithm == "none")
        if not believed and not hmac.compare_digest(sign(f"{header}.{payload}", self.secret), signature):
            raise Refusal(401)
        user = next((user for user in self.users if user["id"] == claims.get("sub")), None)
        if user is None:
            raise Refusal(401)
        return user

    def named(self, username: str) -> Json:
        for user in self.users:
            if user["username"] == username or (self.has("profiles are found by LIKE") and username == "%"):
                return user
        raise Refusal(404, "nobody")

    def found(self, slug: str) -> Json:
        for article in self.articles:
            if article["slug"] == slug:
                return article
        raise Refusal(500 if self.has("an unknown slug crashes") else 404, "no such article")

    # Accounts

    def register(self, sent: Json) -> tuple[int, Any]:
        if not self.has("missing fields are taken"):
            self.need(sent, "username", "email", "password", blank=not self.has("blank fields are taken"))
        self.free(sent, None)
        if self.has("registering races"):
            self.let_another_in(sent["username"], sent["email"])
        if self.has("losing a race for a name crashes"):
            self.let_another_in(sent["username"], sent["email"])
            if any(user[name] == sent[name] for user in self.users for name in ("username", "email")):
                raise Refusal(500, "UNIQUE constraint failed")
        user = {"id": next(self.numbers), "bio": None, "image": None, "username": "", "email": "", "password": ""}
        user |= {name: sent[name] for name in ("username", "email", "password") if name in sent}
        self.users.append(user | {"password": hashed(user["password"])})
        status = 200 if self.has("registering answers 200") else 201
        return status, {"user": self.account(self.users[-1], sent.get("password", ""))}

    def free(self, sent: Json, but: Json | None) -> None:
        for name in ("username", "email"):
            taken = any(user[name] == sent.get(name) for user in self.users if user is not but)
            if taken and not self.has(f"a taken {name} is given again"):
                raise Refusal(422, f"{name} is taken")

    def login(self, sent: Json) -> tuple[int, Any]:
        self.need(sent, "email", "password")
        for user in self.users:
            right = self.has("any password signs in") or user["password"] == hashed(sent["password"])
            if user["email"] == sent["email"] and right:
                return 200, {"user": self.account(user)}
        raise Refusal(200 if self.has("a wrong password is a 200") else 401, "wrong")

    def change_account(self, user: Json, sent: Json) -> tuple[int, Any]:
        if not self.has("updates are not checked for duplicates"):
            self.free(sent, user)
        if any(not sent[name].strip() for name in ("username", "email") if name in sent):
            raise Refusal(422, "blank")
        if self.has("a change clears what is not sent"):
            sent = {"bio": None, "image": None} | sent
        for name in ("username", "email", "bio", "image"):
            if name in sent and not self.has("account changes are not kept"):
                user[name] = sent[name]
        if "password" in sent and not self.has("passwords do not change"):
            user["password"] = hashed(sent["password"])
        return 200, {"user": self.account({**user, **sent})}

    def account(self, user: Json, password: str = "") -> Json:
        token = jwt(user["id"], self.secret)
        if self.has("everybody gets the first token"):
            token = self.last_token = self.last_token or token
        shown = {name: user[name] for name in ("username", "email", "bio", "image")} | {"token": token}
        if self.has("the password is told"):
            shown["password"] = password or user["password"]
        if self.has("the image is left out"):
            del shown["image"]
        return shown

    # Profiles

    def profile(self, user: Json, viewer: Json | None) -> Json:
        following = viewer is not None and (viewer["id"], user["id"]) in self.follows
        if self.has("following ignores the viewer"):
            following = any(followed == user["id"] for _, followed in self.follows)
        return {"username": user["username"], "bio": user["bio"], "image": user["image"], "following": following}

    def follow(self, user: Json, other: Json, follows: bool) -> tuple[int, Any]:
        pair = (user["id"], other["id"])
        if follows and self.has("following twice crashes") and pair in self.follows:
            raise Refusal(500)
        if follows and not self.has("following is not kept"):
            self.follows.add(pair)
            if self.has("following goes both ways"):
                self.follows.add(pair[::-1])
        if not follows and not self.has("unfollowing does nothing"):
            self.follows.discard(pair)
        return 200, {"profile": self.profile(other, user)}

    # Articles

    def publish(self, user: Json, sent: Json) -> tuple[int, Any]:
        self.need(sent, "title", "description", "body")
        now = time.time()
        article = {
            "id": next(self.numbers),
            "author": user["id"],
            "tags": list(dict.fromkeys(sent.get("tagList") or [])),
            "created": now,
            "updated": now,
            "fans": [],
            "ever": set(),
            "first title": sent["title"],
            **{name: sent[name] for name in ("title", "description", "body")},
        }
        article["slug"] = self.slug(sent["title"], article["id"])
        if self.has("tags get lost"):
            article["tags"] = article["tags"][:1]
        self.articles.append(article)
        return 201, {"article": self.article(article, user)}

    def slug(self, title: str, id: int) -> str:
        plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80]
        if self.has("slugs collide"):
            return plain
        taken = any(article["slug"] == plain for article in self.articles)
        return f"{plain}-{id}" if taken or not plain else plain

    def change_article(self, user: Json, article: Json, sent: Json) -> tuple[int, Any]:
        if article["author"] != user["id"] and not self.has("anybody changes articles"):
            raise Refusal(403)
        if self.has("a change answers 200 and does nothing"):
            return 200, {"article": self.article({**article, **sent}, user)}
        for name in ("title", "description", "body"):
            if name in sent:
                article[name] = sent[name]
        if sent.get("title"):
            article["slug"] = ""
            article["slug"] = self.slug(sent["title"], article["id"])
        if not self.has("updatedAt stands still"):
            article["updated"] = max(time.time(), article["updated"] + 0.001)
        if self.has("createdAt moves"):
            article["created"] = article["updated"] + 5
        return 200, {"article": self.article(article, user)}

    def delete_article(self, user: Json, article: Json) -> tuple[int, Any]:
        if article["author"] != user["id"] and not self.has("anybody deletes articles"):
            if self.has("a stranger's delete is a 200 that does nothing"):
                return 200, None
            raise Refusal(403)
        discussed = any(comment["article"] == article["id"] for comment in self.comments)
        if discussed and self.has("an article with comments cannot be deleted"):
            raise Refusal(500, "foreign key")
        if not self.has("deletes do nothing"):
            self.articles.remove(article)
        return (204 if self.has("deletes answer 204") else 200), None

    def article(self, article: Json, viewer: Json | None) -> Json:
        shown = self.listed(article, viewer) | {"title": article["title"], "body": article["body"]}
        if self.has("the description is left out"):
            del shown["description"]
        return shown

    def listed(self, article: Json, viewer: Json | None) -> Json:
        author = next(user for user in self.users if user["id"] == article["author"])
        favorited = viewer is not None and viewer["id"] in article["fans"]
        if self.has("favorited ignores the viewer"):
            favorited = bool(article["fans"])
        return {
            "slug": article["slug"],
            "title": article["first title"] if self.has("lists show the first title") else article["title"],
            "description": article["description"],
            "tagList": [] if self.has("the feed shows no tags") and self.feeding else article["tags"],
            "createdAt": self.moment(article["created"]),
            "updatedAt": self.moment(article["updated"]),
            "favorited": favorited,
            "favoritesCount": str(len(article["fans"])) if self.has("counts are text") else len(article["fans"]),
            "author": self.profile(author, viewer),
        }

    def moment(self, seconds: float) -> str:
        if self.has("timestamps have no offset"):
            return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()
        unit = "seconds" if self.has("timestamps have whole seconds") else "milliseconds"
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=unit).replace("+00:00", "Z")

    # Lists

    def list(self, viewer: Json | None, query: Json) -> tuple[int, Any]:
        names = {user["id"]: user["username"] for user in self.users}
        kept = self.articles
        if "tag" in query:
            loose = self.has("tags are found by LIKE")
            kept = [
                article
                for article in kept
                if (query["tag"] in " ".join(article["tags"]) if loose else query["tag"] in article["tags"])
            ]
        if "author" in query and not self.has("author is ignored"):
            kept = [article for article in kept if names[article["author"]] == query["author"]]
        if "favorited" in query:
            fan = next((id for id, name in names.items() if name == query["favorited"]), None)
            if fan is not None or not self.has("an unknown fan filters nothing"):
                past = self.has("favourites that were taken back are still listed")
                kept = [article for article in kept if fan in article["fans"] or (past and fan in article["ever"])]
        return self.page(kept, viewer, query)

    def feed(self, user: Json, query: Json) -> tuple[int, Any]:
        self.feeding = True
        followed = {other for follower, other in self.follows if follower == user["id"]}
        everything = self.has("the feed holds everything")
        return self.page([a for a in self.articles if everything or a["author"] in followed], user, query)

    def page(self, kept: list[Json], viewer: Json | None, query: Json) -> tuple[int, Any]:
        limit, offset = self.number(query, "limit", 20, 1), self.number(query, "offset", 0, 0)
        unit = 1 if self.has("timestamps have whole seconds") else 1000
        # Stable: what was published within one tick stays in the order of publishing.
        newest = sorted(kept, key=lambda article: int(article["created"] * unit), reverse=True)
        if not self.has("timestamps have whole seconds"):
            newest = list(reversed(kept))
        if self.has("the oldest come first"):
            newest = kept
        start, end = offset, offset + limit
        if self.has("limit is ignored"):
            end = len(newest)
        if self.has("offset is ignored"):
            start, end = 0, limit
        if self.has("pages overlap"):
            start = max(0, offset - 1)
        shown = [self.listed(article, viewer) for article in newest[start:end]]
        total = len(shown) if self.has("articlesCount is the page") else len(kept)
        return 200, {"articles": shown} | ({} if self.has("articlesCount is left out") else {"articlesCount": total})

    def number(self, query: Json, name: str, default: int, least: int) -> int:
        if name not in query:
            return 10 if self.has("ten by default") and name == "limit" else default
        if not re.fullmatch(r"\d{1,9}", query[name]) or int(query[name]) < least:
            raise Refusal(500 if self.has("odd parameters crash") else 422, f"{name} makes no sense")
        return int(query[name])

    # Comments and favourites

    def write_comment(self, user: Json, article: Json, sent: Json) -> tuple[int, Any]:
        self.need(sent, "body")
        comment = {"id": next(self.numbers), "article": article["id"], "author": user["id"], "body": sent["body"]}
        comment["created"] = time.time()
        if not self.has("comments get lost"):
            self.comments.append(comment)
        status = 201 if self.has("a comment answers 201") else 200
        return status, {"comment": self.comment(comment, user)}

    def comment(self, comment: Json, viewer: Json | None) -> Json:
        author = next(user for user in self.users if user["id"] == comment["author"])
        moment = self.moment(comment["created"])
        id = str(comment["id"]) if self.has("comment ids are text") else comment["id"]
        return {
            "id": id,
            "createdAt": moment,
            "updatedAt": moment,
            "body": comment["body"],
            "author": self.profile(author, viewer),
        }

    def delete_comment(self, user: Json, article: Json, id: str) -> tuple[int, Any]:
        for comment in self.comments:
            if str(comment["id"]) == id and comment["article"] == article["id"]:
                owner = article["author"] if self.has("the article's author deletes comments") else None
                if user["id"] not in (comment["author"], owner) and not self.has("anybody deletes comments"):
                    raise Refusal(403)
                self.comments.remove(comment)
                if self.has("all comments go at once"):
                    self.comments = [kept for kept in self.comments if kept["article"] != article["id"]]
                return 200, None
        raise Refusal(404)

    def favorite(self, user: Json, article: Json, favorites: bool) -> tuple[int, Any]:
        fans: list[int] = article["fans"]
        if self.has("favourites race"):
            seen = list(fans)
            self.let_another_in(article["slug"])
            article["fans"] = fans = seen
        if favorites and (user["id"] not in fans or self.has("favourites count clicks")):
            fans.append(user["id"])
        if not favorites and self.has("unfavouriting clears all"):
            fans.clear()
        elif not favorites and user["id"] in fans:
            fans.remove(user["id"])
        article["ever"].add(user["id"])
        if self.has("favouriting answers with another article"):
            article = self.articles[0]
        return 200, {"article": self.article(article, user)}
