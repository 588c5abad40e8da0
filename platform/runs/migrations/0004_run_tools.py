from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0003_findings_say_how_to_mend"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="tools",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
