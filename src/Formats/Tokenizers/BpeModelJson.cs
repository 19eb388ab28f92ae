using System.Text.Json;
using ClinicalGpt.Orleans.Formats.Json;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Reads the <c>model</c> of a tokenizer.json.</summary>
internal static class BpeModelJson
{
    /// <summary>The highest id believed: a larger one would need an embedding that no machine holds.</summary>
    public const int MaxId = 50_000_000;

    /// <summary>Reads a byte-pair model and its vocabulary.</summary>
    public static (BpeModel Model, Dictionary<string, int> Vocabulary) Read(JsonSection model)
    {
        var type = model.Text("type") ?? "BPE";
        if (type != "BPE")
        {
            throw model.Problem($"'{type}' is not supported; supported: BPE", "type");
        }

        foreach (var name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (!string.IsNullOrEmpty(model.Text(name)))
            {
                throw model.Problem("is not supported; it must be null", name);
            }
        }

        if (model.Number("dropout") is not (null or 0))
        {
            throw model.Problem("is not supported; it must be null", "dropout");
        }

        var vocabulary = ReadVocabulary(model);
        var merges = ReadMerges(model, vocabulary);
        int? unknownId = null;
        if (model.Text("unk_token") is { } unknown)
        {
            unknownId = vocabulary.TryGetValue(unknown, out var id)
                ? id
                : throw model.Problem($"'{unknown}' is not in the vocabulary", "unk_token");
        }

        var options = new BpeModelOptions(
            unknownId, model.Flag("fuse_unk"), model.Flag("byte_fallback"), model.Flag("ignore_merges"));
        return (new BpeModel(vocabulary, merges, options), vocabulary);
    }

    private static Dictionary<string, int> ReadVocabulary(JsonSection model)
    {
        var section = model.Section("vocab") ?? throw model.Problem("is missing", "vocab");
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        var ids = new HashSet<int>();
        foreach (var entry in section.Element.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number
                || !entry.Value.TryGetInt32(out var id) || id is < 0 or > MaxId)
            {
                throw model.Problem($"token '{entry.Name}' must have an id from 0 to {MaxId}", "vocab");
            }

            if (!ids.Add(id) || !vocabulary.TryAdd(entry.Name, id))
            {
                throw model.Problem($"token '{entry.Name}' or its id {id} is there twice", "vocab");
            }
        }

        return vocabulary;
    }

    private static Dictionary<long, (int Rank, int Id)> ReadMerges(JsonSection model, Dictionary<string, int> vocabulary)
    {
        var merges = new Dictionary<long, (int Rank, int Id)>();
        var rank = 0;
        foreach (var item in model.Items("merges"))
        {
            var (left, right) = ReadMerge(model, item, rank);
            if (!vocabulary.TryGetValue(left, out var leftId)
                || !vocabulary.TryGetValue(right, out var rightId)
                || !vocabulary.TryGetValue(left + right, out var mergedId))
            {
                throw model.Problem(
                    $"'{left}', '{right}' and '{left + right}' must all be in the vocabulary", $"merges[{rank}]");
            }

            merges[BpeModel.Pair(leftId, rightId)] = (rank, mergedId);
            rank++;
        }

        return merges;
    }

    private static (string Left, string Right) ReadMerge(JsonSection model, JsonElement item, int rank)
    {
        if (item.ValueKind == JsonValueKind.String)
        {
            var parts = item.GetString()!.Split(' ');
            if (parts.Length == 2)
            {
                return (parts[0], parts[1]);
            }
        }
        else if (item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2
            && item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.String)
        {
            return (item[0].GetString()!, item[1].GetString()!);
        }

        throw model.Problem("must be two tokens, \"a b\" or [\"a\", \"b\"]", $"merges[{rank}]");
    }
}
