"""A site with the contact form that asks Akismet, and which messages are sent. It only asks: it has no call to report anything."""

import os

import django
from checks import Checks
from django.conf import settings

PAGES = {
    "django_contact_form/contact_form.html": "{{ form.errors.body.0 }}",
    "django_contact_form/contact_form_sent.html": "sent",
    "django_contact_form/contact_form_subject.txt": "A message of {{ name }}",
    "django_contact_form/contact_form.txt": "{% autoescape off %}{{ body }}{% endautoescape %}",
}
settings.configure(
    ALLOWED_HOSTS=["django-contact-form.test"],
    EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    INSTALLED_APPS=["django_contact_form"],
    MANAGERS=[("Author", "author@mail.example")],
    ROOT_URLCONF="django_contact_form.akismet_urls",
    SECRET_KEY="no secret",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", PAGES)]},
        }
    ],
    USE_TZ=True,
)
django.setup()

# pylint: disable=wrong-import-position
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django_contact_form import _akismet

check = Checks()
client = Client(HTTP_HOST="django-contact-form.test", HTTP_USER_AGENT="Mozilla/5.0", REMOTE_ADDR="203.0.113.9")


def sent(text):
    """Fills the form in: what the visitor is told, and how many mails with it were sent."""
    mail.outbox = []
    fields = {"name": "An Nguyen", "email": "an.nguyen@mail.example", "body": text}
    answer = client.post("/", fields, follow=True).content.decode()
    return answer, sum(one.body == text for one in mail.outbox)


REFUSED = "Your message was classified as spam."
check.equal("ham is sent", lambda: sent(os.environ["PHIN_HAM"]), ("sent", 1))
check.equal("spam is refused", lambda: sent(os.environ["PHIN_SPAM"]), (REFUSED, 0))
check.equal("blatant spam is refused", lambda: sent(os.environ["PHIN_DISCARD"]), (REFUSED, 0))
check.equal("unsure is sent", lambda: sent(os.environ["PHIN_UNSURE"]), ("sent", 1))
os.environ["PYTHON_AKISMET_API_KEY"] = "invalid"
_akismet._clear_cached_instance()  # pylint: disable=protected-access
check.raises("a bad key is said at the first message", ImproperlyConfigured, lambda: sent(os.environ["PHIN_HAM"]))
check.done()
