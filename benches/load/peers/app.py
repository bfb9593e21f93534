"""The server of `fastapi_nb.py`: words of the text, the author and the home page, hashed; multinomial naive Bayes."""

import os
import threading
from pathlib import Path

import joblib
from fastapi import FastAPI, Request
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.naive_bayes import MultinomialNB

app = FastAPI()
words = HashingVectorizer(n_features=2**18, ngram_range=(1, 2), alternate_sign=False, norm=None)
saved = Path(os.environ["NB_MODEL"])
bayes = joblib.load(saved) if saved.is_file() else MultinomialNB()
learning = threading.Lock()


async def read(request: Request):
    form = await request.form()
    # The author's words and the host's parts are other words than those of the text.
    signature = f"{form.get('comment_author', '')} {form.get('comment_author_url', '')}".split()
    marked = " ".join(f"signed_{part}" for part in " ".join(signature).replace("/", " ").replace(".", " ").split())
    return words.transform([f"{form.get('comment_content', '')} {marked}"])


@app.post("/check")
async def check(request: Request):
    ham, spam = bayes.predict_joint_log_proba(await read(request))[0]
    return {"spam": bool(spam > ham), "log_odds": float(spam - ham)}


@app.post("/label/{label}")
async def label(label: str, request: Request):
    row = await read(request)
    with learning:
        bayes.partial_fit(row, [label == "spam"], classes=[False, True])
    return {"learnt": True}


@app.post("/save")
async def save():
    joblib.dump(bayes, saved)
    return {"saved": True}
