"""A site of Mezzanine's with a post and a form, and what is published, or sent, of what visitors write. Mezzanine only asks: it
reports nothing, whatever its moderators decide. The fields posted are those of the pages that it shows.
"""

import html.parser
import os
import tempfile

import django
from checks import Checks
from django.conf import settings
from mezzanine.utils.conf import set_dynamic_settings

HAM, SPAM, DISCARD, UNSURE = (os.environ[f"PHIN_{verdict}"] for verdict in ("HAM", "SPAM", "DISCARD", "UNSURE"))

directory = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
site = {
    "PROJECT_APP": "site_of_tests",
    "PROJECT_ROOT": directory.name,
    "SECRET_KEY": "no secret",
    "NEVERCACHE_KEY": "no secret either",
    "ALLOWED_HOSTS": ["mezzanine.test"],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(directory.name, "db")}},
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    "DEBUG": False,
    "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    "INSTALLED_APPS": [
        *(f"django.contrib.{app}" for app in ("admin", "auth", "contenttypes", "redirects", "sessions", "sites", "sitemaps", "messages", "staticfiles")),
        *(f"mezzanine.{app}" for app in ("boot", "conf", "core", "generic", "pages", "blog", "forms")),
    ],
    "LANGUAGES": (("en", "English"),),
    "LANGUAGE_CODE": "en",
    "MEDIA_ROOT": os.path.join(directory.name, "media"),
    "MEDIA_URL": "/media/",
    "MIDDLEWARE": [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "mezzanine.core.request.CurrentRequestMiddleware",
        "mezzanine.pages.middleware.PageMiddleware",
    ],
    "OPTIONAL_APPS": ["filebrowser_safe", "grappelli_safe"],
    "PACKAGE_NAME_FILEBROWSER": "filebrowser_safe",
    "PACKAGE_NAME_GRAPPELLI": "grappelli_safe",
    "ROOT_URLCONF": __name__,
    "SITE_ID": 1,
    "STATIC_ROOT": os.path.join(directory.name, "static"),
    "STATIC_URL": "/static/",
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                    "django.template.context_processors.request",
                    "mezzanine.conf.context_processors.settings",
                    "mezzanine.pages.context_processors.page",
                ],
                "builtins": ["mezzanine.template.loader_tags"],
            },
        }
    ],
    "TIME_ZONE": "UTC",
    "USE_I18N": False,
    "USE_TZ": True,
    "AKISMET_API_KEY": os.environ["KEY"],
    "COMMENTS_DEFAULT_APPROVED": True,
}
set_dynamic_settings(site)
settings.configure(**site)
django.setup()

# pylint: disable=wrong-import-position
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import include, path
from mezzanine.blog.models import BlogPost
from mezzanine.blog.views import blog_post_list
from mezzanine.conf import settings as mezzanine_settings
from mezzanine.core.models import CONTENT_STATUS_PUBLISHED
from mezzanine.forms.fields import EMAIL, TEXT, TEXTAREA
from mezzanine.forms.models import Form
from mezzanine.generic.models import ThreadedComment

# Every page of Mezzanine's leads home.
urlpatterns = [path("", blog_post_list, name="home"), path("", include("mezzanine.urls"))]
call_command("migrate", verbosity=0)
author = get_user_model().objects.create_superuser("author", "author@mail.example", "secret")
post = BlogPost.objects.create(title="Bread", content="About bread.", user=author, status=CONTENT_STATUS_PUBLISHED)
form = Form.objects.create(title="Contact", status=CONTENT_STATUS_PUBLISHED, send_email=False, email_copies="author@mail.example")
for label, kind in (("Name", TEXT), ("E-mail", EMAIL), ("Message", TEXTAREA)):
    form.fields.create(label=label, field_type=kind, required=True, visible=True)

check = Checks()
client = Client(HTTP_HOST="mezzanine.test", HTTP_USER_AGENT="Mozilla/5.0", REMOTE_ADDR="203.0.113.9")


class Inputs(html.parser.HTMLParser):
    """The fields of the form that has this attribute."""

    def __init__(self, page, *attribute):
        super().__init__()
        self.attribute, self.inside, self.fields = attribute, False, {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "form":
            self.inside = self.attribute in attrs
        attrs = dict(attrs)
        if self.inside and tag in ("input", "textarea") and attrs.get("name"):
            self.fields[attrs["name"]] = attrs.get("value") or ""

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "form"


def published(text, **more):
    """Posts a comment: whether a visitor sees it on the page."""
    page = client.get(post.get_absolute_url()).content.decode()
    fields = Inputs(page, "id", "comment").fields
    fields |= {"name": "An Nguyen", "email": "an.nguyen@mail.example", "comment": text}
    answer = client.post("/comment/", fields, **more)
    if answer.status_code != 302:
        raise RuntimeError(f"{answer.status_code}: {answer.content.decode()[:1000]}")
    return ThreadedComment.objects.visible().filter(comment=text).exists()


def sent(text):
    """Fills the form in: whether a mail with it was sent."""
    page = client.get(form.get_absolute_url()).content.decode()
    mail.outbox = []
    fields = Inputs(page, "class", "mezzanine-form").fields
    names = [name for name in fields if name.startswith("field_")]
    fields |= dict(zip(names, ("An Nguyen", "an.nguyen@mail.example", text)))
    answer = client.post(form.get_absolute_url(), fields)
    if answer.status_code != 302 or len(names) != 3:
        raise RuntimeError(f"{answer.status_code}, {names}: {answer.content.decode()[:1000]}")
    return any(text in one.body for one in mail.outbox)


check.equal("comment: spam is dropped", lambda: published(SPAM), False)
check.equal("comment: blatant spam is dropped", lambda: published(DISCARD), False)
check.equal("comment: ham is published", lambda: published(HAM), True)
check.equal("comment: unsure is published", lambda: published(UNSURE), True)
check.equal("comment: spam behind a proxy", lambda: published(SPAM, HTTP_X_FORWARDED_FOR="203.0.113.9, 10.0.0.3"), False)
check.equal("form: spam is sent to nobody", lambda: sent(SPAM), False)
check.equal("form: ham is sent", lambda: sent(HAM), True)
mezzanine_settings.AKISMET_API_KEY = "invalid"
check.equal("with a bad key everything is published", lambda: published(SPAM), True)
check.done()
