from django.db import migrations

import pzgent.kernel.files
from pzgent.kernel.files.former import bring_over


def check_stored(apps, schema_editor):
    """Check the files that there are, and give them names that cannot be guessed."""
    using = schema_editor.connection.alias
    documents, units = (
        apps.get_model("organisation", name)._base_manager.using(using).order_by() for name in ("Document", "Unit")
    )
    bring_over(documents, "file", pzgent.kernel.files.DOCUMENTS)
    bring_over(units, "logo", pzgent.kernel.files.IMAGES, 1_200)


class Migration(migrations.Migration):

    dependencies = [
        ('organisation', '0004_functional_lines'),
    ]

    operations = [
        migrations.RunPython(check_stored, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name='document',
            name='file',
            field=pzgent.kernel.files.CheckedFileField(blank=True, help_text='PDF, office file (docx, xlsx, pptx, odt, ods, odp) or picture. Readable while this is published.', verbose_name='file'),
        ),
        migrations.AlterField(
            model_name='unit',
            name='logo',
            field=pzgent.kernel.files.CheckedFileField(blank=True, help_text='PNG, JPEG or WebP. A larger picture is made smaller.', verbose_name='logo'),
        ),
    ]
