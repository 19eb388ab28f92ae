using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>Turns data files of the layouts people have into <see cref="ClinicalRecord"/>s.</summary>
public static class DatasetImporter
{
    /// <summary>Imports files of one kind, in order. Exact duplicates and comparisons of equal answers are left out and counted.</summary>
    /// <param name="files">Paths of JSON lines or JSON arrays, UTF-8 with or without a mark; the content tells which.</param>
    /// <param name="kind">What the files are for.</param>
    /// <param name="options">For the templates of questions and conversations.</param>
    /// <exception cref="ProblemException">Everything that is wrong with any of the files: CGPT1001 missing, CGPT1002 empty, CGPT1003 a
    /// record that cannot be read or lacks a field, CGPT1004 an unknown shape, CGPT1005 no usable record. No text of a record is quoted.</exception>
    public static ImportResult Import(IReadOnlyList<string> files, ImportKind kind, DataOptions options)
    {
        var problems = new ProblemList();
        var kept = new KeptRecords(kind);
        foreach (var file in files)
        {
            ImportFile(file, kind, options, kept, problems);
        }

        problems.ThrowIfAny();
        return kept.Records.Count > 0
            ? new ImportResult(kept.Records, kept.Skipped.Values.Sum(), kept.Skipped)
            : throw new ProblemException(
                ErrorCodes.DataTooSmall,
                $"no usable record remains of {files.Count} files ({string.Join(", ", kept.Skipped.Select(s => $"{s.Value} {s.Key}"))})",
                files.Count > 0 ? files[0] : null);
    }

    private static void ImportFile(string file, ImportKind kind, DataOptions options, KeptRecords kept, ProblemList problems)
    {
        var shapes = RecordShape.For(kind);
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        RecordShape? last = null;
        foreach (var raw in RecordFile.Read(file, problems))
        {
            var shape = shapes.FirstOrDefault(s => s.Fits(raw.Row));
            if (shape is null)
            {
                ReportShape(raw, file, kind, shapes, last, unknown, problems);
                continue;
            }

            last = shape;
            try
            {
                kept.Add(file, raw, shape.Read(new RecordRow(raw.Row, raw.Number, kind, options)).ToList());
            }
            catch (InvalidRecordException e)
            {
                problems.Add(ErrorCodes.DataRecordInvalid, $"{e.Message} (shape {shape.Name})", file, raw.Line);
            }
            catch (InvalidOperationException)
            {
                problems.Add(ErrorCodes.DataRecordInvalid, "a text holds a broken \\u escape (half of a surrogate pair)", file, raw.Line);
            }
        }
    }

    /// <summary>A record of no known shape: one that lacks keys of its file's shape says which; else each set of keys is
    /// reported once a file.</summary>
    private static void ReportShape(
        RawRecord raw, string file, ImportKind kind, IReadOnlyList<RecordShape> shapes, RecordShape? last, HashSet<string> unknown, ProblemList problems)
    {
        if (last is not null && last.Keys.Any(raw.Row.ContainsKey))
        {
            var missing = last.Keys.Where(k => !raw.Row.ContainsKey(k)).Select(k => $"\"{k}\"");
            problems.Add(ErrorCodes.DataRecordInvalid, $"{string.Join(", ", missing)} is missing (shape {last.Name}, as the records before)", file, raw.Line);
            return;
        }

        var keys = Keys(raw.Row);
        if (unknown.Add(keys))
        {
            problems.Add(
                ErrorCodes.DataShapeUnknown,
                $"unknown shape for {kind.ToString().ToLowerInvariant()} data; keys found: {keys}; known shapes: {string.Join(", ", shapes.Select(s => s.Name))}",
                file,
                raw.Line);
        }
    }

    private static string Keys(JsonObject row)
    {
        const int Most = 10;
        const int Longest = 30;
        var names = row.Take(Most).Select(f => f.Key.Length <= Longest ? f.Key : f.Key[..Longest] + "..");
        return row.Count == 0 ? "none" : string.Join(", ", names) + (row.Count > Most ? $" and {row.Count - Most} more" : "");
    }
}
