using System;
using System.Collections.Generic;
using static System.Math;
using Text = System.Text.Json;
global using Project.Common;

namespace Project.Shop;

/// <summary>
/// Sells things.
/// </summary>
[Serializable]
public partial class Shop<T> : Store<T>, ISeller, Core.IThing where T : Item
{
    public const int Limit = 10;
    private readonly List<Order> orders = new();
    public static event EventHandler<OrderArgs> Sold;

    /// <summary>The name.</summary>
    public string Name { get; set; } = "";
    protected internal Stock this[int index] => stocks[index];
    int hidden;

    public Shop(Stock stock) : base(stock) { this.stock = stock; }

    // Sells one.
    [Obsolete("x")]
    public async Task<Order> SellAsync(T item, params Option[] options)
    {
        var order = await Order.Create<T>(item).ConfigureAwait(false);
        foreach (var option in options) { option.Apply(order, Limit); }
        orders.Where(x => x.Price > Max(1, 2)).ToList();
        if (item is Book { Pages: 3 } book) return book.Sell();
        return new Parcel(order) { Size = nameof(Limit) };
    }

    void Internal() => Helper.Run();
    public static Shop<T> operator +(Shop<T> a, Shop<T> b) => a;

    private class Till { }
    public enum Kind { Book, Game = 2 }
}

public interface ISeller : ITrader { Order Sell(Item item); int Count { get; } }
internal struct Point { public int X, Y; }
public record Person(string Name, Address Home) : Base(Name);
public delegate void Done(Order order);
public static class Extensions { public static int Twice(this int x) => x * 2; }
