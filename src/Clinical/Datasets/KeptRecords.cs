using ClinicalGpt.Orleans.Abstractions.Data;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>Records kept so far: with ids, without duplicates, with what is known about each.</summary>
internal sealed class KeptRecords(ImportKind kind)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    public List<ClinicalRecord> Records { get; } = [];

    public Dictionary<string, int> Skipped { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds the records made from one row.</summary>
    public void Add(string file, RawRecord raw, List<ClinicalRecord> made)
    {
        if (made.Count == 0)
        {
            Skip(SkipReason.NoAnswer);
        }

        for (var i = 0; i < made.Count; i++)
        {
            var record = kind == ImportKind.Prompts ? made[i] with { Chosen = null, Rejected = null } : made[i];
            if (record.Chosen is not null && record.Chosen == record.Rejected)
            {
                Skip(SkipReason.SameAnswers);
            }
            else if (kind != ImportKind.Pretrain && !_seen.Add(Identity(record)))
            {
                Skip(SkipReason.Duplicate);
            }
            else
            {
                Records.Add(Describe(record, file, raw, made.Count > 1 ? $"#{i + 1}" : ""));
            }
        }
    }

    private ClinicalRecord Describe(ClinicalRecord record, string file, RawRecord raw, string part)
    {
        var row = new RecordRow(raw.Row, raw.Number, kind, new());
        var place = $"{Path.GetFileName(file)}:{raw.Number}{part}";
        var id = row.Optional("id") is { } own && _ids.Add(own + part) ? own + part : Unique(place);
        return record with
        {
            Id = id,
            Kind = record.Kind ?? row.Optional("kind"),
            Group = record.Group ?? row.Optional("group"),
            Subject = row.Optional("subject"),
            Relation = row.Optional("relation"),
            Language = row.Optional("language"),
        };
    }

    private string Unique(string place)
    {
        var id = place;
        for (var n = 2; !_ids.Add(id); n++)
        {
            id = $"{place}~{n}"; // the same file name in two folders
        }

        return id;
    }

    /// <summary>What makes two records the same; prompts alone are the same whatever answer comes with them.</summary>
    private string Identity(ClinicalRecord record) => kind == ImportKind.Prompts
        ? record.Prompt
        : string.Join('\0', [record.Prompt, record.Completion ?? "", record.Chosen ?? "", record.Rejected ?? "", .. record.Options ?? []]);

    private void Skip(string reason) => Skipped[reason] = Skipped.GetValueOrDefault(reason) + 1;
}
