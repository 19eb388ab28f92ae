using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Client.Recipes;

/// <summary>The reference of a recipe's keys, made from the option records and their documentation.</summary>
public static class RecipeReference
{
    private const string Intro = """
        # Recipe keys

        A recipe is one YAML file. Keys are camelCase; a key that is absent has its default; a key that does not exist is an
        error, and all errors of a recipe are reported at once. Relative paths start at the recipe's folder.
        `--set ppo.iterations=5` overrides a key, `--set reward=null` takes a stage out. Anchors, aliases and tags are refused.

        Stages run in the order data, pretrain, sft, reward, ppo, evaluate; those present in the recipe are run, and
        `sft: {}` is a stage with every default. This page is generated from the option records.

        """;

    /// <summary>Renders the reference.</summary>
    /// <returns>Markdown: a table for each group of keys.</returns>
    public static string Render()
    {
        var summaries = Summaries(typeof(Recipe).Assembly);
        var page = new StringBuilder(Intro.ReplaceLineEndings("\n"));
        RenderGroup(page, "", typeof(Recipe), summaries);
        foreach (var group in RecipeSchema.Keys.Where(k => RecipeSchema.IsGroup(k.Property.PropertyType)))
        {
            RenderGroup(page, group.Path, group.Property.PropertyType, summaries);
        }

        return page.ToString();
    }

    private static void RenderGroup(StringBuilder page, string path, Type type, Dictionary<string, string> summaries)
    {
        page.Append('\n').Append("## ").Append(path.Length == 0 ? "The recipe" : $"`{path}`").Append("\n\n");
        if (summaries.TryGetValue($"T:{type.FullName}", out var about) && path.Length > 0)
        {
            page.Append(about).Append("\n\n");
        }

        page.Append("| key | type | default | meaning |\n| --- | --- | --- | --- |\n");
        foreach (var key in RecipeSchema.Keys.Where(k => Parent(k.Path) == path))
        {
            var id = $"P:{key.Property.DeclaringType!.FullName}.{key.Property.Name}";
            var leaf = key.Path[(key.Path.LastIndexOf('.') + 1)..];
            var meaning = Cell(summaries.GetValueOrDefault(id, ""));
            page.Append(CultureInfo.InvariantCulture, $"| `{leaf}` | {TypeName(key)} | {DefaultOf(key)} | {meaning} |\n");
        }
    }

    private static string Parent(string path) => path.Contains('.', StringComparison.Ordinal) ? path[..path.LastIndexOf('.')] : "";

    private static string TypeName(RecipeKey key)
    {
        var type = Nullable.GetUnderlyingType(key.Property.PropertyType) ?? key.Property.PropertyType;
        return RecipeSchema.IsGroup(type) ? "group"
            : type == typeof(IReadOnlyList<string>) ? "list of texts"
            : type == typeof(IReadOnlyDictionary<string, string>) ? "`name: text`"
            : type == typeof(bool) ? "true/false"
            : type == typeof(double) ? "number"
            : type == typeof(string) ? "text"
            : "integer";
    }

    private static string DefaultOf(RecipeKey key)
    {
        if (key.IsRequired)
        {
            return "**required**";
        }

        return key.Default switch
        {
            null => "absent",
            string { Length: 0 } => "see meaning",
            string text => $"`{JsonSerializer.Serialize(text, RecipeJson.Options)}`",
            bool flag => flag ? "`true`" : "`false`",
            double number => $"`{number.ToString("R", CultureInfo.InvariantCulture)}`",
            IReadOnlyList<string> texts => $"`[{string.Join(", ", texts)}]`",
            IEnumerable => "`{}`",
            int or long => string.Create(CultureInfo.InvariantCulture, $"`{key.Default}`"),
            _ => "its defaults",
        };
    }

    private static string Cell(string summary) => summary.Replace("|", "\\|", StringComparison.Ordinal);

    private static Dictionary<string, string> Summaries(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        return !File.Exists(file)
            ? []
            : XDocument.Load(file).Descendants("member")
                .Where(m => m.Element("summary") is not null)
                .ToDictionary(m => m.Attribute("name")!.Value, m => Text(m.Element("summary")!), StringComparer.Ordinal);
    }

    private static string Text(XElement summary)
    {
        var text = string.Concat(summary.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see => $"`{Reference(see.Attribute("cref")?.Value ?? "")}`",
            XElement other => other.Value,
            XText plain => plain.Value,
            _ => "",
        }));
        return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Reference(string cref) =>
        JsonNamingPolicy.CamelCase.ConvertName(cref[(cref.LastIndexOf('.') + 1)..]);
}
