#!/usr/bin/env bash
# django-contact-form with its Akismet form, unmodified: the form filled in on a site of its own. What asks for it is the PyPI client `akismet`.
# needs: python3 python3-venv curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=5.2.0
pip_client django-contact-form "$VERSION"
checks env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$HERE" PYTHON_AKISMET_API_KEY="$KEY" PYTHON_AKISMET_BLOG_URL=http://django-contact-form.test \
    "$home/venv/bin/python" "$HERE/django_contact_form_calls.py"
count django-contact-form "$VERSION" PyPI "$tap"
