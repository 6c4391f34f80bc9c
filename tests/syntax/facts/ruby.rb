require 'json'
require_relative "../lib/shop"
autoload :Later, 'later'

module Project
  # Sells things.
  # More.
  class Shop < Store::Base
    include Enumerable
    extend Helpers::Names

    LIMIT = 10
    attr_reader :name, :stock
    @@count = 0

    def initialize(name, stock: Stock.new)
      @name = name
      @stock = stock
      super
    end

    # Sells one.
    def sell(item, *options, &block)
      order = Order.build(item, LIMIT)
      options.each { |option| option.apply(order) }
      validate! order
      Mailer::Queue.push(order).later if order.valid?
      @stock.take item
      notify
    end

    def self.open(path) = new(path)

    class << self
      def default; Project::DEFAULT; end
    end

    private

    def secret; end
  end

  Point = Struct.new(:x, :y)
  alias_method :old, :new
end

def Project.helper(ü) = ü
def top_level
  puts "x"
end
