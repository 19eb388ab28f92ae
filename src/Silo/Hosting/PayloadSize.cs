using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Counts the bulk of a message: byte and number arrays and strings in our own message types, collections and tuples.
/// Small members (numbers, ids) are not counted, so the figure is a lower bound of the encoded size.</summary>
internal static class PayloadSize
{
    private const int MaxDepth = 8;
    private static readonly Assembly Messages = typeof(Problem).Assembly;
    private static readonly ConcurrentDictionary<Type, Func<object, object?>[]> Members = new();

    public static long Of(object? value) => Of(value, 0);

    private static long Of(object? value, int depth)
    {
        if (value is null || depth > MaxDepth)
        {
            return 0;
        }

        switch (value)
        {
            case string text:
                return text.Length;
            case Array array when ElementSize(array) is { } size:
                return size * array.LongLength;
            case ReadOnlyMemory<byte> memory:
                return memory.Length;
            case IDictionary map:
                return Sum(map.Keys, depth) + Sum(map.Values, depth);
            case ICollection collection:
                return Sum(collection, depth);
            case ITuple tuple:
                return Enumerable.Range(0, tuple.Length).Sum(i => Of(tuple[i], depth + 1));
            default:
                return value.GetType().Assembly == Messages
                    ? Members.GetOrAdd(value.GetType(), ReadersOf).Sum(read => Of(read(value), depth + 1))
                    : 0;
        }
    }

    private static long? ElementSize(Array array) => Type.GetTypeCode(array.GetType().GetElementType()) switch
    {
        TypeCode.Byte or TypeCode.SByte or TypeCode.Boolean => 1,
        TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Char => 2,
        TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Single => 4,
        TypeCode.Int64 or TypeCode.UInt64 or TypeCode.Double => 8,
        _ => null,
    };

    private static long Sum(IEnumerable items, int depth)
    {
        long sum = 0;
        foreach (var item in items)
        {
            sum += Of(item, depth + 1);
        }

        return sum;
    }

    // Only stored properties ([Id]): computed ones may copy what they are computed from.
    private static Func<object, object?>[] ReadersOf(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.IsDefined(typeof(global::Orleans.IdAttribute)) && MayBeBulky(p.PropertyType))
            .Select(p => (Func<object, object?>)p.GetValue),
    ];

    private static bool MayBeBulky(Type type) => !type.IsPrimitive && !type.IsEnum;
}
