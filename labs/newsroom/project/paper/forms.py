from __future__ import annotations

from django import forms

from paper.models import Comment
from paper.statuses import STATUSES


class CommentForm(forms.ModelForm):
    class Meta:
        model = Comment
        fields = ["name", "text"]
        labels = {"name": "Your name", "text": "Your comment"}
        widgets = {"text": forms.Textarea(attrs={"rows": 6})}


class SearchForm(forms.Form):
    q = forms.CharField(label="Search the archive", min_length=2, max_length=80)


class WaitForm(forms.Form):
    """Seconds asleep and seconds of processor time. Bounded, so that no address on the site can hold a worker for long."""

    seconds = forms.FloatField(min_value=0, max_value=30, required=False)
    burn = forms.FloatField(min_value=0, max_value=5, required=False)


class DownloadForm(forms.Form):
    bytes = forms.IntegerField(min_value=0, max_value=100_000_000, required=False)


class StreamForm(forms.Form):
    chunks = forms.IntegerField(min_value=1, max_value=100, required=False)
    seconds = forms.FloatField(min_value=0, max_value=5, required=False)
    unbuffered = forms.BooleanField(required=False)
    broken = forms.BooleanField(required=False)


class StatusForm(forms.Form):
    code = forms.TypedChoiceField(choices=[(code, code) for code in STATUSES], coerce=int)


class HeadersForm(forms.Form):
    bytes = forms.IntegerField(min_value=0, max_value=20_000, required=False)
    cookies = forms.IntegerField(min_value=0, max_value=4, required=False)


class UploadForm(forms.Form):
    file = forms.FileField()
