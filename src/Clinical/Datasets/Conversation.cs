using System.Text;
using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>One turn; <paramref name="FromUser"/> false is the assistant's.</summary>
internal sealed record Turn(bool FromUser, string Content);

/// <summary>A conversation: an optional system text, then turns that alternate and begin with the user.</summary>
internal sealed record Conversation(string? System, IReadOnlyList<Turn> Turns)
{
    /// <summary>Indexes of the assistant's turns.</summary>
    public IReadOnlyList<int> Answers { get; } = [.. Enumerable.Range(0, Turns.Count).Where(i => !Turns[i].FromUser)];

    /// <summary>Reads a list of <c>{role, content}</c> or <c>{from, value}</c>.</summary>
    public static Conversation Read(JsonNode? node, string key)
    {
        var list = node as JsonArray ?? throw new InvalidRecordException($"\"{key}\" must be a list of turns");
        string? system = null;
        var turns = new List<Turn>();
        for (var i = 0; i < list.Count; i++)
        {
            var turn = list[i] as JsonObject ?? throw new InvalidRecordException($"\"{key}\"[{i}] must be an object with role and content, or from and value");
            var role = RecordRow.TextOf(turn["role"] ?? turn["from"], $"\"{key}\"[{i}].role");
            if (role == "system")
            {
                system = i == 0 ? OptionalContent(turn) : throw new InvalidRecordException($"\"{key}\"[{i}]: a system turn may only come first");
                continue;
            }

            var fromUser = IsUser(role, key, i);
            if (fromUser != (turns.Count % 2 == 0))
            {
                throw new InvalidRecordException(
                    $"\"{key}\"[{i}] is the {(fromUser ? "user" : "assistant")}'s, but turns must alternate and begin with the user");
            }

            turns.Add(new Turn(fromUser, RecordRow.TextOf(turn["content"] ?? turn["value"], $"\"{key}\"[{i}].content")));
        }

        return turns.Count > 0 ? new Conversation(system, turns) : throw new InvalidRecordException($"\"{key}\" has no turn");
    }

    /// <summary>The text a model is given to write the turn at <paramref name="index"/>.</summary>
    public string PromptFor(int index, DataOptions options)
    {
        var text = new StringBuilder(System is null ? "" : System + "\n");
        for (var i = 0; i < index; i++)
        {
            text.Append(Turns[i].FromUser
                ? options.UserTemplate.Replace("{content}", Turns[i].Content, StringComparison.Ordinal)
                : options.AssistantTemplate + Turns[i].Content + "\n");
        }

        return text.Append(options.AssistantTemplate).ToString();
    }

    /// <summary>The prompt of a single question.</summary>
    public static string Single(string question, DataOptions options) =>
        new Conversation(null, [new Turn(true, question)]).PromptFor(1, options);

    private static string? OptionalContent(JsonObject turn) =>
        (turn["content"] ?? turn["value"]) is JsonValue value && value.TryGetValue<string>(out var text) && !string.IsNullOrWhiteSpace(text)
            ? text
            : null;

    private static bool IsUser(string role, string key, int index) => role switch
    {
        "user" or "human" => true,
        "assistant" or "gpt" => false,
        _ => throw new InvalidRecordException(
            $"\"{key}\"[{index}] has an unknown role; known are user or human, assistant or gpt, system"),
    };
}
