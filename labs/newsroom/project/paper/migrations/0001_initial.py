import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Author",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("role", models.CharField(max_length=80)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("slug", models.SlugField(max_length=60, unique=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("lost", "Lost"), ("found", "Found"), ("sale", "For sale"), ("thanks", "Thanks")],
                        max_length=6,
                    ),
                ),
                ("text", models.CharField(max_length=300)),
                ("printed_on", models.DateField()),
            ],
            options={
                "ordering": ["-printed_on", "-pk"],
                "indexes": [models.Index(fields=["-printed_on"], name="notice_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["lost", "found", "sale", "thanks"])), name="notice_kind_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=120)),
                ("credit", models.CharField(max_length=80)),
                (
                    "large",
                    models.FileField(
                        upload_to="photos/large",
                        validators=[django.core.validators.FileExtensionValidator(["jpg", "jpeg"])],
                    ),
                ),
                (
                    "medium",
                    models.FileField(
                        upload_to="photos/medium",
                        validators=[django.core.validators.FileExtensionValidator(["jpg", "jpeg"])],
                    ),
                ),
                (
                    "thumbnail",
                    models.FileField(
                        upload_to="photos/thumbnail",
                        validators=[django.core.validators.FileExtensionValidator(["jpg", "jpeg"])],
                    ),
                ),
                ("width", models.PositiveSmallIntegerField(help_text="Of the large file, in pixels.")),
                ("height", models.PositiveSmallIntegerField(help_text="Of the large file, in pixels.")),
            ],
            options={
                "ordering": ["title"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("height__gt", 0), ("width__gt", 0)), name="photo_has_dimensions"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Section",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, unique=True)),
                ("slug", models.SlugField(max_length=40, unique=True)),
                ("motto", models.CharField(max_length=120)),
                ("position", models.PositiveSmallIntegerField(help_text="Order in the navigation.")),
            ],
            options={
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("position",), name="section_position_unique")],
            },
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("caption", models.CharField(blank=True, max_length=200)),
                ("headline", models.CharField(max_length=160)),
                ("summary", models.CharField(max_length=300)),
                ("body", models.TextField(help_text="Paragraphs, with an empty line between two.")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")], default="draft", max_length=9
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="articles", to="paper.author"
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="articles",
                        to="paper.photo",
                    ),
                ),
                (
                    "section",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="articles", to="paper.section"
                    ),
                ),
                ("topics", models.ManyToManyField(blank=True, related_name="articles", to="paper.topic")),
            ],
            options={
                "ordering": ["-published_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("text", models.TextField(max_length=2000, validators=[django.core.validators.MinLengthValidator(2)])),
                ("is_public", models.BooleanField(default=True, verbose_name="public")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="comments", to="paper.article"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_public", True)), fields=["article", "created_at"], name="comment_public"
                    ),
                    models.Index(fields=["-created_at"], name="comment_newest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("text", ""), _negated=True)
                        ),
                        name="comment_says_something",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["status", "-published_at"], name="article_newest"),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["section", "status", "-published_at"], name="article_newest_in_section"),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "draft"),
                    models.Q(("published_at__isnull", False), ("status", "published")),
                    _connector="OR",
                ),
                name="article_published_has_date",
                violation_error_message="A published article needs a date of publication.",
            ),
        ),
    ]
