"""An index by the text of a prompt, whoever may see it: families and folded rows look prompts up by it."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('studio', '0041_rules_for_names'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='prompt',
            name='prompt_twins',
        ),
        migrations.AddIndex(
            model_name='prompt',
            index=models.Index(fields=['digest', '-shared_at', '-id'], name='prompt_of_text'),
        ),
    ]
