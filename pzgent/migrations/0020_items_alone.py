from django.db import migrations

# What stood on a second line was shown by `embed`, which is made from the data now.
POSTGRESQL = r"""
    UPDATE pzgent_publisheditem SET body = substring(body FROM 1 FOR position('\x0a'::bytea IN body) - 1)
    WHERE position('\x0a'::bytea IN body) > 0
"""
SQLITE = """
    UPDATE pzgent_publisheditem SET body = substr(body, 1, instr(body, x'0a') - 1) WHERE instr(body, x'0a') > 0
"""


def keep_the_item_alone(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


class Migration(migrations.Migration):
    """Keep of each item what the change feed tells; the release before reads that too."""

    dependencies = [("pzgent", "0019_watermarks")]
    operations = [migrations.RunPython(keep_the_item_alone, migrations.RunPython.noop)]
